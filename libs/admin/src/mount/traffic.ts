/** How many requests came for the app itself, since the start. Raised in passing; whoever wants to know looks now and then. */
export class Traffic {
  requests = 0;
}
