import type { Operation } from './request.ts';
import { aclNotSupported } from './s3Errors.ts';
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
