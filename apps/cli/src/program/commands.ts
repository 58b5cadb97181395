import { declarativeCommands } from '../declarative/commands.js';
import { flagGroup } from '../flags/commands.js';
import { historyCommands } from '../history/commands.js';
import { maintenanceGroups } from '../maintenance/commands.js';
import { operationCommands } from '../operations/commands.js';
import { rateLimitGroups } from '../rate-limits/commands.js';
import { routeCommands } from '../routes/commands.js';
import { segmentGroup } from '../segments/commands.js';
import { sessionCommands } from '../sign-in/commands.js';
import { shellCommands } from '../shell/commands.js';
import type { AnyCommand } from '../command/spec.js';

/** All commands, in the order help and docs show them. What they do is loaded when one runs. */
export const ALL_COMMANDS: readonly AnyCommand[] = [
  ...sessionCommands,
  ...routeCommands,
  ...maintenanceGroups,
  ...rateLimitGroups,
  flagGroup,
  segmentGroup,
  ...historyCommands,
  ...declarativeCommands,
  ...operationCommands,
  ...shellCommands(() => ALL_COMMANDS),
];
