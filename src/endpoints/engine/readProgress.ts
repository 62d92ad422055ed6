/** Lines and records read in this chunk. Lines are those that editors show: a carriage return without a line feed also ends one. */
export let lines: i32 = 0;
export let records: i32 = 0;

export function clearProgress(): void {
  lines = records = 0;
}

export function countLine(): void {
  lines++;
}

/** Counts the lines that end in carriage returns without a line feed, which end no record. */
export function countReturns(from: usize, to: usize): void {
  for (let at = from; at < to; at++) {
    if (load<u8>(at) === 0x0d && load<u8>(at + 1) !== 0x0a) lines++;
  }
}

export function countRecord(): void {
  records++;
}
