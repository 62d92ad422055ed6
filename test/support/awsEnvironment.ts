import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from './sandbox.ts';

/** A home folder with shared config files of its own, and an environment that says nothing else of AWS. */
export interface AwsHome {
  readonly path: string;
  config(text: string): Promise<void>;
  credentials(text: string): Promise<void>;
  /** Puts the environment back and deletes the folder. */
  remove(): Promise<void>;
}

export async function openAwsHome(): Promise<AwsHome> {
  const before = { ...process.env };
  for (const name of Object.keys(process.env)) {
    if (name.startsWith('AWS_')) Reflect.deleteProperty(process.env, name);
  }
  const folder = await temporaryFolder();
  const { path } = folder;
  Object.assign(process.env, {
    HOME: path,
    AWS_CONFIG_FILE: join(path, 'config'),
    AWS_SHARED_CREDENTIALS_FILE: join(path, 'credentials'),
    AWS_EC2_METADATA_DISABLED: 'true',
  });
  return {
    path,
    config: (text) => writeFile(join(path, 'config'), text),
    credentials: (text) => writeFile(join(path, 'credentials'), text),
    remove: async () => {
      for (const name of Object.keys(process.env)) {
        if (!(name in before)) Reflect.deleteProperty(process.env, name);
      }
      Object.assign(process.env, before);
      await folder.remove();
    },
  };
}
