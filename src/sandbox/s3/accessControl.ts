import type { Operation } from './request.ts';
import type { ServiceError } from '../http/http.ts';
import { aclNotSupported, notImplemented } from './s3Errors.ts';
import type { XmlValue } from './xml.ts';
import { sendXml } from './xml.ts';

/** Without ACLs, the bucket owner owns everything (S3 user guide, about-object-ownership). */
function ownerOnly(account: string): XmlValue {
  const schema = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="CanonicalUser"';
  return {
    Owner: { ID: account },
    AccessControlList: {
      Grant: { [`Grantee ${schema}`]: { ID: account }, Permission: 'FULL_CONTROL' },
    },
  };
}

/** @throws ServiceError if other accounts could own objects, which needs ACLs; `unknown` if S3 doesn't know the value either */
export function requireOwnerEnforced(ownership: string, unknown: () => ServiceError): void {
  if (ownership === 'BucketOwnerEnforced') return;
  if (ownership !== 'BucketOwnerPreferred' && ownership !== 'ObjectWriter') throw unknown();
  throw notImplemented(`object ownership ${ownership}, which needs ACLs`);
}

export const getBucketAcl: Operation = (s3, request, response) => {
  s3.store.bucket(request.bucket);
  sendXml(response, 200, 'AccessControlPolicy', ownerOnly(s3.account));
};

export const getObjectAcl: Operation = (s3, request, response) => {
  s3.store.object(request.bucket, request.key);
  sendXml(response, 200, 'AccessControlPolicy', ownerOnly(s3.account));
};

export const putAcl: Operation = (s3, request) => {
  s3.store.bucket(request.bucket);
  throw aclNotSupported();
};
