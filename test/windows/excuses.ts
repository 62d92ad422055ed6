/**
 * Tests that Wine can't run although Windows could, by the reason why; each by its full title. The stage `windows` checks the list:
 * a test in it that passes, or that there is not, fails the stage. On Windows it doesn't apply.
 */
export const excuses: Readonly<Record<string, readonly string[]>> = {};
