/** What flags of two variations have in common. */
export const ON_OFF = {
  type: 'boolean',
  variations: [
    { name: 'on', value: true },
    { name: 'off', value: false },
  ],
  offVariation: 'off',
} as const;
