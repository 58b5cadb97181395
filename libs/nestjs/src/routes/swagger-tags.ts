import { MAX_ROUTE_TAG_LENGTH, MAX_ROUTE_TAGS, type RouteDeclaration } from '@waygate/core';

/** Where `@ApiTags()` of `@nestjs/swagger` leaves its names; read here, since that package need not be installed. */
const API_TAGS = 'swagger/apiUseTags';

/**
 * What `@ApiTags()` says on a handler and its class, together as in the Swagger document. What cannot be a tag of a route is left out:
 * decorators made for something else must not keep the app from booting.
 */
export function swaggerTags(controller: object, handler: object): Pick<RouteDeclaration, 'tags'> {
  const named = [controller, handler].flatMap((target) => Reflect.getMetadata(API_TAGS, target) as unknown);
  const fitting = named.filter(
    (tag): tag is string => typeof tag === 'string' && tag.trim() !== '' && tag.length <= MAX_ROUTE_TAG_LENGTH,
  );
  const tags = [...new Set(fitting)].slice(0, MAX_ROUTE_TAGS);
  return tags.length === 0 ? {} : { tags };
}
