/*
 * Loaded before a command: its wall clock is wrong by CLOCK_SKEW_MS, and by CLOCK_JUMP_MS more after CLOCK_JUMPS_AFTER_MS. The monotonic
 * clock isn't.
 */
const skewMs = Number(process.env['CLOCK_SKEW_MS'] ?? 0);
const jumpMs = Number(process.env['CLOCK_JUMP_MS'] ?? 0);
const jumpsAfterMs = Number(process.env['CLOCK_JUMPS_AFTER_MS'] ?? 1000);
const machine = Date.now.bind(Date);
const start = machine();
const now = (): number => machine() + skewMs + (machine() - start > jumpsAfterMs ? jumpMs : 0);
const MachineDate = Date;

globalThis.Date = new Proxy(MachineDate, {
  construct: (target, given: readonly unknown[]) =>
    Reflect.construct(target, given.length === 0 ? [now()] : given) as Date,
  get: (target, name) => (name === 'now' ? now : (Reflect.get(target, name) as unknown)),
});
