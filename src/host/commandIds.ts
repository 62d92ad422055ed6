/** Every command of the extension. A test compares this table, the registrations and package.json. */
export const commandIds = {
  validateFile: 'pinpointAudience.validateFile',
  uploadFile: 'pinpointAudience.uploadFile',
  importFile: 'pinpointAudience.importFile',
  exportProject: 'pinpointAudience.exportProject',
  exportSegment: 'pinpointAudience.exportSegment',
  downloadExport: 'pinpointAudience.downloadExport',

  convertFile: 'pinpointAudience.convertFile',
  toNdjson: 'pinpointAudience.toNdjson',
  makeImportable: 'pinpointAudience.makeImportable',
  splitFile: 'pinpointAudience.splitFile',
  compareFiles: 'pinpointAudience.compareFiles',

  connect: 'pinpointAudience.connect',
  disconnect: 'pinpointAudience.disconnect',
  selectRegion: 'pinpointAudience.selectRegion',
  selectBucket: 'pinpointAudience.selectBucket',
  connectionMenu: 'pinpointAudience.connectionMenu',
  checkSetup: 'pinpointAudience.checkSetup',
  startSandbox: 'pinpointAudience.startSandbox',
  stopSandbox: 'pinpointAudience.stopSandbox',
  openSampleWorkspace: 'pinpointAudience.openSampleWorkspace',

  refresh: 'pinpointAudience.refresh',
  loadMore: 'pinpointAudience.loadMore',
  retry: 'pinpointAudience.retry',
  copyId: 'pinpointAudience.copyId',
  copyArn: 'pinpointAudience.copyArn',
  copyS3Url: 'pinpointAudience.copyS3Url',
  openConsole: 'pinpointAudience.openConsole',

  showJob: 'pinpointAudience.showJob',
  showFailures: 'pinpointAudience.showFailures',
  markFailures: 'pinpointAudience.markFailures',
  runAgain: 'pinpointAudience.runAgain',
  filterJobs: 'pinpointAudience.filterJobs',
  clearJobsFilter: 'pinpointAudience.clearJobsFilter',
  forgetRun: 'pinpointAudience.forgetRun',
  showReport: 'pinpointAudience.showReport',
  showRule: 'pinpointAudience.showRule',
  showLog: 'pinpointAudience.showLog',
  whatNow: 'pinpointAudience.whatNow',
} as const;

export type CommandId = (typeof commandIds)[keyof typeof commandIds];
