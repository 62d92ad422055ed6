/** True for a host of this machine. */
function isLoopback(hostname: string): boolean {
  return /^(localhost|.+\.localhost|127\.\d+\.\d+\.\d+|\[::1\])$/i.test(hostname);
}

/**
 * The host of a service URL that sends data unencrypted over a network; `undefined` if it doesn't. Endpoint files are personal
 * data, and responses of a staging bucket aren't signed.
 */
export function unencryptedHost(url: string | undefined): string | undefined {
  if (url === undefined || !URL.canParse(url)) return undefined;
  const { protocol, hostname, host } = new URL(url);
  return protocol === 'http:' && !isLoopback(hostname) ? host : undefined;
}
