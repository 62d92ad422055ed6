/** Lines and records read in this stretch. */
export let lines: i32 = 0;
export let records: i32 = 0;

export function clearProgress(): void {
  lines = records = 0;
}

export function countLine(): void {
  lines++;
}

export function countRecord(): void {
  records++;
}
