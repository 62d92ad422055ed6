/*
 * What the host does for the engine, on rare occasions.
 */

/** Writes the value in lower case to `to`; returns the number of bytes. */
export declare function lowerCaseOf(start: usize, end: usize, to: usize): i32;

/** The size of the current record as one line of JSON, from its first `count` CSV values. */
export declare function jsonBytes(count: i32): i32;

/** Fills in the key for a new JSON name. */
export declare function newKey(key: i32, scope: i32, start: usize, end: usize): void;

/** The number of the key for a JSON name that isn't stored; -1 - key if the record has the name already. */
export declare function unnamedKey(scope: i32, start: usize, end: usize, record: i32): i32;

/** The number of a decimal that is too long or unusual for the engine, rounded once. Its digits are compared with those before it. */
export declare function longNumber(statistic: usize, start: usize, end: usize): f64;

/** Writes a block of the ledger to a file; returns its number there, or -1 on failure. */
export declare function spillBlock(block: usize, bytes: usize): i32;

/** Reads a block from the file. */
export declare function unspillBlock(number: u32, to: usize, bytes: usize): void;
