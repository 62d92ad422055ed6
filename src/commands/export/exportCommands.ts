import { commandIds } from '../../host/commandIds.ts';
import type { CommandTable } from '../framework/registerCommands.ts';
import type { CommandServices } from '../framework/commandServices.ts';
import { startExport } from './startExport.ts';
import { downloadExport, listExportedIds } from './exportDownload.ts';
import { deleteExport } from './deleteExport.ts';

type Services = Pick<CommandServices, 'session' | 'runs' | 'memory'>;

type Ids = Pick<
  typeof commandIds,
  'exportProject' | 'exportSegment' | 'downloadExport' | 'listEndpointIds' | 'deleteExport'
>;

export function exportCommands(services: Services): Pick<CommandTable, Ids[keyof Ids]> {
  return {
    [commandIds.exportProject]: (call) => startExport(call, 'project', services),
    [commandIds.exportSegment]: (call) => startExport(call, 'segment', services),
    [commandIds.downloadExport]: (call) => downloadExport(call, services),
    [commandIds.listEndpointIds]: (call) => listExportedIds(call, services),
    [commandIds.deleteExport]: (call) => deleteExport(call, services),
  };
}
