import { legible } from './legible.ts';

/** Quotes a text as one word of a shell command: POSIX, or on Windows cmd.exe and PowerShell. */
export function shellWord(text: string, platform: NodeJS.Platform = process.platform): string {
  const plain = platform === 'win32' ? /^[\w@%+:,./\\][\w@%+:,./\\-]*$/ : /^[\w@%+:,./][\w@%+:,./-]*$/;
  if (plain.test(text)) return text;
  if (platform === 'win32') return `"${text.replaceAll('"', '""')}"`;
  if (legible(text) === text) return `'${text.replaceAll("'", "'\\''")}'`;
  // Quoted for bash and zsh, so that it can be both printed and copied.
  const bytes = [...Buffer.from(text)].map((byte) => {
    const character = String.fromCharCode(byte);
    return /[\w@%+:,./ -]/.test(character) ? character : `\\x${byte.toString(16).padStart(2, '0')}`;
  });
  return `$'${bytes.join('')}'`;
}
