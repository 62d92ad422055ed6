import type { Identity } from '../aws/connection/connection.ts';
import type { JobKind, Project, Segment, ServiceJob } from '../aws/pinpoint/audienceService.ts';
import type { ObjectSummary } from '../aws/s3/stagingService.ts';
import type { RunRecord } from '../jobs/runs/runRecord.ts';
import { getOwn } from '../ownMember.ts';

/** What a tree node represents to commands. */
export type Target =
  | { readonly kind: 'connection'; readonly identity: Identity }
  | { readonly kind: 'project'; readonly identity: Identity; readonly project: Project }
  | { readonly kind: 'segments'; readonly identity: Identity; readonly project: Project }
  | { readonly kind: 'jobs'; readonly identity: Identity; readonly project: Project; readonly jobs: JobKind }
  | {
      readonly kind: 'segment';
      readonly identity: Identity;
      readonly project: Project;
      readonly segment: Segment;
    }
  | { readonly kind: 'job'; readonly identity: Identity; readonly project: Project; readonly job: ServiceJob }
  | { readonly kind: 'run'; readonly run: RunRecord }
  | { readonly kind: 'mirror'; readonly name: string; readonly declaredIn: string }
  /** A bucket, or a folder in it. */
  | { readonly kind: 'folder'; readonly identity: Identity; readonly bucket: string; readonly prefix: string }
  | {
      readonly kind: 'object';
      readonly identity: Identity;
      readonly bucket: string;
      readonly object: ObjectSummary;
    }
  | { readonly kind: 'other' };

/** A node of our trees, as VS Code passes it to commands. */
export interface TargetNode {
  readonly target: Target;
}

/** The node of our own calls, for targets that may be in no tree. */
export class CallNode implements TargetNode {
  readonly target: Target;

  constructor(target: Target) {
    this.target = target;
  }
}

/**
 * True for our own nodes, which are instances of classes. A link passes plain objects, which could imitate a node: the question
 * would name one thing and the command would act on another.
 */
export function isTargetNode(value: unknown): value is TargetNode {
  if (typeof value !== 'object' || value === null || !('target' in value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype !== Object.prototype && prototype !== null && isTarget(value.target);
}

function isTarget(value: unknown): value is Target {
  return typeof value === 'object' && value !== null && 'kind' in value && typeof value.kind === 'string';
}

export function projectOf(target: Target | undefined): Project | undefined {
  return target && 'project' in target ? target.project : undefined;
}

export function idOf(target: Target): string | undefined {
  switch (target.kind) {
    case 'project':
      return target.project.id;
    case 'segment':
      return target.segment.id;
    case 'job':
      return target.job.id;
    case 'run':
      return target.run.job?.id;
    case 'connection':
      return target.identity.account;
    default:
      return undefined;
  }
}

/** The ARN as in policies (Developer Guide, permissions-actions). */
export function arnOf(target: Target): string | undefined {
  switch (target.kind) {
    case 'connection':
      return target.identity.arn;
    case 'project':
      return target.project.arn;
    case 'segment':
      return target.segment.arn;
    case 'job':
      return `${target.project.arn}/jobs/${target.job.kind}/${target.job.id}`;
    default:
      return undefined;
  }
}

/** The S3 URL of the data: read by an import, or written by an export. */
export function s3UrlOf(target: Target): string | undefined {
  switch (target.kind) {
    case 'segment':
      return target.segment.imported?.s3Url;
    case 'job':
      return target.job.s3Url;
    case 'run': {
      const place = target.run.import ?? target.run.export;
      return place && `s3://${place.bucket}/${place.folder}`;
    }
    case 'folder':
      return `s3://${target.bucket}/${target.prefix}`;
    case 'object':
      return `s3://${target.bucket}/${target.object.key}`;
    default:
      return undefined;
  }
}

/** The page of the AWS console of this partition; none for a sandbox, whose identity isn't AWS's. */
export function consoleUrlOf(target: Target, endpointUrl: string | undefined): string | undefined {
  if (endpointUrl !== undefined || !('identity' in target)) return undefined;
  const { region, arn } = target.identity;
  const domain = getOwn(consoleDomains, arn.split(':')[1] ?? '');
  if (!domain) return undefined;
  const home = `https://${region}.${domain}/pinpoint/home?region=${region}#`;
  switch (target.kind) {
    case 'connection':
      return `${home}/apps`;
    case 'folder':
      return bucketPage(s3UrlOf(target)!, region, domain);
    case 'object':
      return bucketPage(s3UrlOf(target)!.replace(/(?<![^/])[^/]+$/, ''), region, domain);
    case 'segment':
      return `${home}/apps/${target.project.id}/segments/edit/${target.segment.id}`;
    case 'segments':
      return `${home}/apps/${target.project.id}/segments`;
    case 'jobs':
    case 'job': {
      const s3 = s3UrlOf(target);
      return s3 ? bucketPage(s3, region, domain) : `${home}/apps/${target.project.id}/segments`;
    }
    default:
      return `${home}/apps/${target.project.id}/overview`;
  }
}

const consoleDomains: Readonly<Record<string, string>> = {
  aws: 'console.aws.amazon.com',
  'aws-us-gov': 'console.amazonaws-us-gov.com',
  'aws-cn': 'console.amazonaws.cn',
};

function bucketPage(s3Url: string, region: string, domain: string): string {
  const [bucket = '', ...key] = s3Url.replace(/^s3:\/\//, '').split('/');
  const query = new URLSearchParams({ region, prefix: key.join('/') });
  return `https://${region}.${domain}/s3/buckets/${bucket}?${query.toString()}`;
}
