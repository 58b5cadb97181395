import { NotFoundError } from '@waygate/client';

/** Other servers of this protocol may have no flags: then there are none. */
export async function orNone<T>(items: Promise<readonly T[]>): Promise<readonly T[]> {
  try {
    return await items;
  } catch (error) {
    if (error instanceof NotFoundError) return [];
    throw error;
  }
}
