import { attributeCommands } from './audience/removeAttributes.ts';
import { bucketCommands } from './bucket/bucketCommands.ts';
import { bulkCommands } from './audience/bulkCommands.ts';
import { compareCommands } from './transform/compareFiles.ts';
import { connectionCommands } from './connection/connectionCommands.ts';
import { documentCommands } from './help/helpCommands.ts';
import { endpointCommands } from './audience/endpointCommands.ts';
import { exportCommands } from './export/exportCommands.ts';
import { fixedCopyCommands } from './transform/writeFixedCopy.ts';
import { importCommands } from './import/importFile.ts';
import { jobCommands } from './jobs/jobCommands.ts';
import { mirrorCommands } from './mirrors/mirrorCommands.ts';
import { reportCommands } from './validate/showReport.ts';
import { resourceCommands } from './help/resourceCommands.ts';
import { segmentCommands } from './audience/segmentCommands.ts';
import { setupCommands } from './setup/checkSetup.ts';
import { transformCommands } from './transform/transformFiles.ts';
import { uploadCommands } from './import/uploadFile.ts';
import { validateCommands } from './validate/validateFile.ts';
import type { CommandServices } from './framework/commandServices.ts';
import type { CommandTable } from './framework/registerCommands.ts';

/** All commands. */
export function commandTable(services: CommandServices): CommandTable {
  return {
    ...validateCommands(services),
    ...uploadCommands(services),
    ...bucketCommands(services),
    ...importCommands(services),
    ...exportCommands(services),
    ...fixedCopyCommands(services),
    ...transformCommands(services),
    ...compareCommands(services),
    ...mirrorCommands(services),
    ...segmentCommands(services),
    ...endpointCommands(services),
    ...bulkCommands(services),
    ...attributeCommands(services),
    ...connectionCommands(services),
    ...setupCommands(services),
    ...resourceCommands(services),
    ...jobCommands(services),
    ...reportCommands(services),
    ...documentCommands(services),
  };
}
