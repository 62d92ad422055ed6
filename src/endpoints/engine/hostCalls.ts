/*
 * What the program does for the engine, on rare occasions.
 */

/** Writes the value in lower case to `to`; returns the number of bytes. */
export declare function lowerCaseOf(start: usize, end: usize, to: usize): i32;

/** Bytes of the record under judgement as one line of JSON: of the first `count` values of a CSV record. */
export declare function jsonBytes(count: i32): i32;

/** Fills in the key of a number for a JSON name that is new. */
export declare function newKey(key: i32, scope: i32, start: usize, end: usize): void;

/**
 * The number of a key that stands for a JSON name which is not remembered; negative (-1 - key) where the record has the name already.
 */
export declare function unnamedKey(scope: i32, start: usize, end: usize, record: i32): i32;

/** Writes a block of the ledger to a file; returns its number there, or -1 where that cannot be done. */
export declare function spillBlock(block: usize, bytes: usize): i32;

/** Reads a block that was written to the file. */
export declare function unspillBlock(number: u32, to: usize, bytes: usize): void;
