/** Amazon Resource Names of the sandbox's account. */
export class Arns {
  readonly #account: string;

  constructor(account: string) {
    this.#account = account;
  }

  /** @param path such as `apps/ID`; or an ARN, which is returned as it is */
  resource(region: string, path: string): string {
    return path.startsWith('arn:') ? path : `arn:aws:mobiletargeting:${region}:${this.#account}:${path}`;
  }

  app({ Id, Region }: { readonly Id: string; readonly Region: string }): string {
    return `arn:aws:mobiletargeting:${Region}:${this.#account}:apps/${Id}`;
  }

  segment(app: { readonly Id: string; readonly Region: string }, segmentId: string): string {
    return `${this.app(app)}/segments/${segmentId}`;
  }

  /** The app or segment of an ARN; `undefined` for ARNs of other resources or accounts. */
  parse(arn: string): { readonly appId: string; readonly segmentId: string | undefined } | undefined {
    const match = /^arn:aws:mobiletargeting:[^:]+:(\d+):apps\/([^/]+)(?:\/segments\/([^/]+))?$/.exec(arn);
    return match?.[1] === this.#account ? { appId: match[2]!, segmentId: match[3] } : undefined;
  }
}
