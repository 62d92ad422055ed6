/**
 * True for a URL's host name that never leaves this machine. A name below `localhost` may: not every system resolves it by itself,
 * and then the network decides where it leads.
 */
export function isThisMachine(hostname: string): boolean {
  return /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/i.test(hostname);
}

/**
 * The host of a service URL that sends data unencrypted over a network; `undefined` if it doesn't. Endpoint files are personal
 * data, and responses of a staging bucket aren't signed.
 */
export function unencryptedHost(url: string | undefined): string | undefined {
  if (url === undefined || !URL.canParse(url)) return undefined;
  const { protocol, hostname, host } = new URL(url);
  return protocol === 'http:' && !isThisMachine(hostname) ? host : undefined;
}
