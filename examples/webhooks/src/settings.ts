import { randomBytes } from 'node:crypto';

export const PORT = Number(process.env['PORT'] ?? 3000);

/** What the generic webhook is signed with. A real one comes from the environment, and the receiver has it too. */
export const SECRET = `whsec_${randomBytes(32).toString('base64')}`;
