import { createServer, request, type Server } from 'node:http';

/** A proxy that leads every request to one endpoint, whatever host it names, and notes which hosts it was asked for. */
export function proxyTo(endpoint: () => string, asked: string[]): Server {
  return createServer((incoming, answer) => {
    const { method, headers } = incoming;
    const url = new URL(incoming.url!);
    asked.push(url.hostname);
    const { port } = new URL(endpoint());
    const path = url.pathname + url.search;
    const passed = request({ host: '127.0.0.1', port, method, path, headers }, (given) => {
      answer.writeHead(given.statusCode!, given.headers);
      given.pipe(answer);
    });
    incoming.pipe(passed);
  });
}
