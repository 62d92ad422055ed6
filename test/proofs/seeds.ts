/**
 * The number of cases and the first seed of the proofs. A failure prints its seed; with `PROOF_SEED` set to it, it comes first.
 * `PROOF_FILES`, `PROOF_SECONDS` and `PROOF_RECORDS` increase the number of cases and the size of the largest.
 */
export const proof = {
  seed: fromEnvironment('PROOF_SEED', 1),
  /** Files with a defect, over all kinds of defects; there are a quarter as many without. */
  files: fromEnvironment('PROOF_FILES', 100_000),
  /** Records of the largest files. */
  records: fromEnvironment('PROOF_RECORDS', 400_000),
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
