/*
 * Who can read the files that we write. Endpoint files are personal data, so only this user can, regardless of the umask.
 * Files that a person asks for (copies, downloads, reports) can be shared by teams that work in one folder; our own records can't.
 */

/** Modes of files and folders of our own: records, journals, the sandbox's data. */
export const privateFile = 0o600;
export const privateFolder = 0o700;

/** `private`: only this user; `umask`: as the umask allows, like most programs. */
export const permissionChoices = ['private', 'umask'] as const;
export type Permissions = (typeof permissionChoices)[number];

/** Per process, like the umask: set at startup, read wherever files are created. */
let current: Permissions = 'private';

/** Sets who can read the files that a person asks for. */
export function setPermissions(permissions: Permissions): void {
  current = permissions;
}

export function permissions(): Permissions {
  return current;
}

/** The mode of a new file that a person asked for. */
export function outputFile(): number {
  return current === 'private' ? privateFile : 0o666;
}

/** The mode of a new folder that a person asked for. */
export function outputFolder(): number {
  return current === 'private' ? privateFolder : 0o777;
}
