import type { Project, Segment } from '../../aws/pinpoint/audienceService.ts';
import { AudienceError } from '../../errors.ts';
import type { SourceFile } from '../runs/runRecord.ts';
import type { MirrorContent, MirrorDifference } from './mirrorContent.ts';
import type { MirrorDeclaration } from './mirrorDeclaration.ts';
import type { MirrorRecord } from './mirrorRecord.ts';

/** A declared mirror and its files. */
export interface MirrorRequest {
  readonly declaration: MirrorDeclaration;
  /** Path of the file that declares it. */
  readonly declaredIn: string;
  readonly files: readonly SourceFile[];
}

/** Bucket and roles of a mirror. */
export interface MirrorResources {
  readonly bucket: string;
  readonly prefix: string;
  readonly kmsKeyId?: string | undefined;
  readonly importRoleArn: string;
  readonly exportRoleArn: string;
}

/** What a run would change. */
export interface MirrorPlan {
  readonly request: MirrorRequest;
  readonly id: string;
  /** From the mirror's record when it was planned, if there was one. A run that begins or ends after that makes the plan obsolete. */
  readonly last?: Pick<MirrorRecord, 'epoch' | 'state'> | undefined;
  readonly project: Project;
  /** Absent if it has yet to be created. */
  readonly segment?: Segment | undefined;
  readonly format: 'CSV' | 'JSON';
  readonly members: number;
  /** Records beyond the first of a member. */
  readonly repeated: number;
  /** What the files were compared with. */
  readonly against: 'state' | 'export' | 'nothing';
  readonly difference: MirrorDifference;
  readonly content: MirrorContent;
}

/** Another run, perhaps of another window, changed what the plan was made for. */
export function planIsObsolete(): AudienceError {
  return new AudienceError('changed', 'The mirror or its segment changed after the preview', {
    help: 'Preview the changes again, then run the mirror.',
  });
}
