const text = { type: 'string' } as const;
const count = { type: 'integer', minimum: 0 } as const;
const rate = { type: 'integer', minimum: 1 } as const;

const object = (properties: object, ...required: readonly string[]): object => ({
  type: 'object',
  properties,
  required,
  additionalProperties: false,
});
const fault = (kind: string, members: object = {}): object =>
  object({ kind: { const: kind }, ...members }, 'kind');

/** `FaultSettings` as a JSON schema, draft 7. `node tools/validators.ts` compiles it. */
export const faultsSchema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    rules: {
      description: 'a list of { service?, method?, path?, skip?, count?, fault: { kind, … } }',
      type: 'array',
      items: object(
        {
          service: text,
          method: text,
          path: text,
          skip: count,
          count: { anyOf: [{ type: 'null' }, count] },
          fault: {
            anyOf: [
              fault('throttle'),
              fault('server-error'),
              fault('expired-credentials'),
              fault('access-denied'),
              fault('slow', { delayMs: count, bytesPerSecond: rate }),
              fault('cut-request', { afterBytes: count }),
              fault('cut-answer', { afterBytes: count }),
            ],
          },
        },
        'fault',
      ),
    },
    jobs: {
      description: 'a list of { type?: "IMPORT" | "EXPORT", count? }',
      type: 'array',
      items: object({ type: { enum: ['IMPORT', 'EXPORT'] }, count }),
    },
    retired: { description: 'true or false', type: 'boolean' },
    segmentRefresh: { description: '"replace" or "append"', enum: ['replace', 'append'] },
    paceMs: { description: 'a whole number of milliseconds', ...count },
    importConcurrency: { description: 'a whole number above 0', ...rate },
  },
} as const;
