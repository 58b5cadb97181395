export { maintenanceOnWire as maintenanceConfig, type MaintenanceOnWire as MaintenanceConfig } from '@waygate/core';
