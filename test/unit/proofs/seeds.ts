/**
 * How much the proofs do, and from which seed on. A failure names its seed; with `PROOF_SEED` set to it, it comes first.
 * By hand, `PROOF_FILES` and `PROOF_SECONDS` make them do more.
 */
export const proof = {
  seed: fromEnvironment('PROOF_SEED', 1),
  /** Files with a defect, over all kinds of defects; there are a quarter as many without. */
  files: fromEnvironment('PROOF_FILES', 100_000),
  /** Seconds of mutations. */
  seconds: fromEnvironment('PROOF_SECONDS', 24),
};

function fromEnvironment(name: string, usual: number): number {
  const value = process.env[name];
  if (value === undefined) return usual;
  const number = Number(value);
  if (!Number.isInteger(number)) throw new Error(`${name} has to be a whole number`);
  return number;
}
