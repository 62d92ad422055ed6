/** The Amazon Resource Names that one account and region of the sandbox gives. */
export class Arns {
  readonly #prefix: string;

  constructor(region: string, account: string) {
    this.#prefix = `arn:aws:mobiletargeting:${region}:${account}:apps/`;
  }

  app(appId: string): string {
    return this.#prefix + appId;
  }

  segment(appId: string, segmentId: string): string {
    return `${this.app(appId)}/segments/${segmentId}`;
  }

  /** What an ARN of ours names; `undefined` for all others. */
  parse(arn: string): { readonly appId: string; readonly segmentId: string | undefined } | undefined {
    if (!arn.startsWith(this.#prefix)) return undefined;
    const match = /^([^/]+)(?:\/segments\/([^/]+))?$/.exec(arn.slice(this.#prefix.length));
    return match === null ? undefined : { appId: match[1]!, segmentId: match[2] };
  }
}
