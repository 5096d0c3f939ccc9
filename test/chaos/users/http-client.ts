import { Agent, request } from 'node:http';

/** What came of one request: an answer, or none and why. */
export type Reply =
  | {
      readonly status: number;
      readonly body: string;
      readonly setCookies: readonly string[];
    }
  | { readonly failure: string };

/** Sends requests to one process of the application, over connections that stay open. */
export class HttpClient {
  readonly #agent = new Agent({ keepAlive: true });
  readonly #port: number;
  readonly #patience: number;

  /** @param patience milliseconds after which it waits no longer */
  constructor(port: number, patience: number) {
    this.#port = port;
    this.#patience = patience;
  }

  send(method: string, path: string, cookie: string | undefined): Promise<Reply> {
    return new Promise((resolve) => {
      const fail = (error: NodeJS.ErrnoException): void => {
        resolve({ failure: error.code ?? error.message });
      };
      const sent = request(
        {
          host: '127.0.0.1',
          port: this.#port,
          agent: this.#agent,
          method,
          path,
          timeout: this.#patience,
          headers: { 'content-length': 0, ...(cookie !== undefined && { cookie }) },
        },
        (response) => {
          let body = '';
          response.setEncoding('utf8').on('data', (text: string) => (body += text));
          response.on('error', fail);
          response.on('end', () => {
            const { statusCode: status = 0, headers } = response;
            resolve({ status, body, setCookies: headers['set-cookie'] ?? [] });
          });
        },
      );
      sent.on('timeout', () => sent.destroy(new Error('no answer')));
      sent.on('error', fail);
      sent.end();
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}
