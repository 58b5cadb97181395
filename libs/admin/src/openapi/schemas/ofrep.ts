import { object, partly, text, whole, type Schema } from './schema.js';

export const OFREP_SCHEMAS = {
  OfrepRequest: partly({
    context: {
      type: 'object',
      properties: { targetingKey: text },
      description: 'The context as OpenFeature has it: `targetingKey`, and any attributes.',
    },
  }),
  OfrepFailure: partly({ key: text, errorCode: text, errorDetails: text }, 'errorCode'),
  OfrepEvaluation: partly(
    { key: text, value: {}, reason: text, variant: text, metadata: { type: 'object' } },
    'key',
    'value',
    'reason',
    'metadata',
  ),
  OfrepEvaluations: partly(
    {
      flags: {
        type: 'array',
        items: { anyOf: [{ $ref: '#/components/schemas/OfrepEvaluation' }, { $ref: '#/components/schemas/OfrepFailure' }] },
      },
      eventStreams: {
        type: 'array',
        description: 'Where to hear of changes; only for tokens of role `client`.',
        items: object({ type: text, endpoint: object({ requestUri: text }), inactivityDelaySec: whole }),
      },
    },
    'flags',
  ),
} satisfies Record<string, Schema>;
