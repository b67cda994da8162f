import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";

export interface Asked {
  /** The first byte asked for by a range, or `null`. */
  from: number | null;
  /** Number of the request, from 0. */
  number: number;
  response: ServerResponse;
  request: IncomingMessage;
}

export interface Served {
  url: string;
  /** The `Range` header of each request. */
  ranges: (string | undefined)[];
}

/** A server on loopback that answers as it is told, until the test ends. */
export async function serve(t: TestContext, answer: (asked: Asked) => void): Promise<Served> {
  const ranges: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    const range = request.headers.range;
    const found = /^bytes=(\d+)-/.exec(range ?? "");
    ranges.push(range);
    answer({
      from: found === null ? null : Number(found[1]),
      number: ranges.length - 1,
      response,
      request,
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/f.nfc`, ranges };
}

/** The head of a 206 with the bytes from `from` on. */
export function partial(
  response: ServerResponse,
  file: Uint8Array,
  from: number,
  headers: Record<string, string> = {},
): void {
  response.writeHead(206, {
    "content-range": `bytes ${from}-${file.length - 1}/${file.length}`,
    "content-length": String(file.length - from),
    ...headers,
  });
}

/** Sends bytes and then cuts the connection. */
export function cut(response: ServerResponse, bytes: Uint8Array): void {
  response.write(bytes, () => setTimeout(() => response.destroy(), 20));
}
