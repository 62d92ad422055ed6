import { closeSync, constants, fstatSync, open as openDescriptorOf, type Stats } from 'node:fs';
import { open, stat, type FileHandle } from 'node:fs/promises';
import { basename } from 'node:path';
import { promisify } from 'node:util';
import { badInput, throwIfCancelled } from './errors.ts';

/*
 * Files that a user or a folder names. In place of one there may be a named pipe by now, which another user put there, or a link to
 * a device: opening or reading these waits, or never ends, and four of them stop all file access of a process. For our own files,
 * see `ownFiles.ts`.
 */

/** Windows has no such flag, and no named pipes among its files. */
const withoutWaiting = constants.O_RDONLY | (process.platform === 'win32' ? 0 : constants.O_NONBLOCK);

const openDescriptor = promisify(openDescriptorOf);

/**
 * Opens a file for reading.
 *
 * @throws AudienceError `bad-input` if it isn't a regular file, or the system's error
 */
export async function openRegularFile(path: string): Promise<FileHandle> {
  await checkPath(path);
  const handle = await open(path, withoutWaiting);
  try {
    refuseOthers(path, await handle.stat());
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** Opens a file as `openRegularFile` does, calls `use` with it and closes it. */
export async function withRegularFile<T>(path: string, use: (file: FileHandle) => Promise<T>): Promise<T> {
  const file = await openRegularFile(path);
  try {
    return await use(file);
  } finally {
    await file.close();
  }
}

/**
 * As `openRegularFile`, but a descriptor, which other threads can use as well. The caller closes it, and passes what `stat` reports for
 * the path: asking again would take longer than validating a small file.
 */
export async function openRegularDescriptor(path: string, stats: FileKind): Promise<number> {
  refuseOthers(path, stats);
  const descriptor = await openDescriptor(path, withoutWaiting);
  try {
    refuseOthers(path, fstatSync(descriptor));
    return descriptor;
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
}

interface ChunkOptions {
  /** Bytes per read; default 64 KiB. */
  readonly chunkBytes?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called with the size of each chunk. */
  readonly onBytes?: ((bytes: number) => void) | undefined;
}

const defaultChunkBytes = 64 * 1024;

/**
 * The bytes of a file, as many as it had when it was opened: some files of the system have an endless content and a size of 0.
 *
 * @throws AudienceError `cancelled`, `bad-input` if it isn't a regular file, or the system's error
 */
export async function* regularChunks(path: string, options: ChunkOptions = {}): AsyncGenerator<Buffer> {
  const file = await openRegularFile(path);
  try {
    yield* chunksOf(file, options);
  } finally {
    await file.close();
  }
}

/** As `regularChunks`, of an open file. */
export async function* chunksOf(
  file: FileHandle,
  { chunkBytes = defaultChunkBytes, signal, onBytes }: ChunkOptions = {},
): AsyncGenerator<Buffer> {
  const { size } = await file.stat();
  for (let position = 0; position < size;) {
    throwIfCancelled(signal);
    const length = Math.min(chunkBytes, size - position);
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafeSlow(length), 0, length, position);
    if (bytesRead === 0) return;
    position += bytesRead;
    onBytes?.(bytesRead);
    yield buffer.subarray(0, bytesRead);
  }
}

/** First, because opening a device may do something. */
async function checkPath(path: string): Promise<void> {
  refuseOthers(path, await stat(path));
}

type FileKind = Pick<Stats, 'isFile' | 'isDirectory'>;

function refuseOthers(path: string, stats: FileKind): void {
  if (stats.isFile()) return;
  const fault = stats.isDirectory() ? 'it is a folder' : "it isn't a regular file";
  throw badInput(`Could not read ${basename(path)}: ${fault}`, 'Choose a file.');
}
