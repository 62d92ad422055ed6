import { legible } from './legible.ts';

/** Quotes a text as one word of a shell command: POSIX, or on Windows PowerShell and, where possible, cmd.exe. */
export function shellWord(text: string, platform: NodeJS.Platform = process.platform): string {
  if (platform === 'win32') return windowsWord(text);
  if (/^[\w@%+:,./][\w@%+:,./-]*$/.test(text)) return text;
  if (legible(text) === text) return `'${text.replaceAll("'", "'\\''")}'`;
  // Quoted for bash and zsh, so that it can be both printed and copied.
  const bytes = [...Buffer.from(text)].map((byte) => {
    const character = String.fromCharCode(byte);
    return /[\w@%+:,./ -]/.test(character) ? character : `\\x${byte.toString(16).padStart(2, '0')}`;
  });
  return `$'${bytes.join('')}'`;
}

/**
 * Both shells support double quotes. PowerShell replaces `$…` in them, and treats curly quotes as straight ones: so texts with
 * these are in single quotes, which only PowerShell supports.
 */
function windowsWord(text: string): string {
  if (/^[\w+:./\\][\w+:./\\-]*$/.test(text)) return text;
  if (/[$`“”„]/.test(text)) return `'${text.replaceAll(/['‘’‚‛]/g, '$&$&')}'`;
  // Programs take a backslash before a quote as part of it.
  return `"${text.replaceAll('"', '""').replace(/(?<!\\)\\+$/, '$&$&')}"`;
}
