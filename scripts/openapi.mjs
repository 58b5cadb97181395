// Writes the OpenAPI document of the admin API into the built package, as an admin at its usual path serves it.
import 'reflect-metadata';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { NestFactory } from '@nestjs/core';
import { AdminApiModule } from '../libs/admin/dist/admin-api.module.js';
import { readAdminOptions } from '../libs/admin/dist/config/admin-config.js';
import { EndpointRegistry } from '../libs/admin/dist/http/endpoint-registry.js';
import { openApiDocument } from '../libs/admin/dist/openapi/openapi-document.js';
import { MemoryBackend, WaygateEngine } from '../libs/core/dist/index.js';
import { ROOT } from './steps.mjs';

const config = readAdminOptions({ auth: 'none' }, 'development');
const module = AdminApiModule.register(new WaygateEngine({ backend: new MemoryBackend() }), config);
const app = await NestFactory.create(module, { logger: ['error'] });
const document = openApiDocument(app.get(EndpointRegistry).all(), config.path);
writeFileSync(join(ROOT, 'libs', 'admin', 'openapi.json'), JSON.stringify(document));
await app.close();
