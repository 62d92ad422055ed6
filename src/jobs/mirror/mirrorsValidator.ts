// @ts-nocheck
// Made by `node tools/validators.ts`.
import type { ErrorObject } from 'ajv';
interface Validator {
  (value: unknown): boolean;
  readonly errors?: readonly ErrorObject[] | null;
}
"use strict";var validators=(()=>{var w=Object.defineProperty;var N=Object.getOwnPropertyDescriptor;var q=Object.getOwnPropertyNames;var _=Object.prototype.hasOwnProperty;var x=(a,r)=>()=>{try{return r||a((r={exports:{}}).exports,r),r.exports}catch(f){throw r=0,f}},D=(a,r)=>{for(var f in r)w(a,f,{get:r[f],enumerable:!0})},T=(a,r,f,l)=>{
if(r&&typeof r=="object"||typeof r=="function")for(let d of q(r))!_.call(a,d)&&d!==f&&w(a,d,{get:()=>r[d],enumerable:!(l=N(r,d))||l.enumerable});return a};var C=a=>T(w({},"__esModule",{value:!0}),a);var A=x(P=>{"use strict";Object.defineProperty(P,"__esModule",{value:!0});function I(a){let r=a.length,f=0,l=0,d;for(;l<r;)f++,d=a.charCodeAt(l++),d>=55296&&d<=
56319&&l<r&&(d=a.charCodeAt(l),(d&64512)===56320&&l++);return f}P.default=I;I.code='require("ajv/dist/runtime/ucs2length").default'});var E={};D(E,{isMirrors:()=>J});var J=o,t={$schema:"http://json-schema.org/draft-07/schema#",title:"Mirrors of Pinpoint Audience",description:"Files that are th\
e exact content of imported segments.",type:"object",required:["mirrors"],additionalProperties:!1,properties:{$schema:{description:"JSON schema of this file.",type:"\
string"},mirrors:{description:"List of mirrors.",type:"array",items:{type:"object",required:["name","source","project","segment","identifier"],additionalProperties:!1,
defaultSnippets:[{label:"A mirror",body:{name:"$1",source:"${2:customers.csv}",project:"$3",segment:"$4",identifier:"${5:Id}"}}],properties:{name:{description:"\
Name of the mirror, unique in this file.",type:"string",minLength:1,pattern:"\\S"},source:{description:"File or glob of files, relative to this file. All files \
of a mirror have the same format.",type:"string",minLength:1,pattern:"\\S"},project:{description:"Name or ID of the project.",type:"string",minLength:1,pattern:"\
\\S"},segment:{description:"Name of the imported segment. If it doesn't exist, it is created.",type:"string",minLength:1,pattern:"\\S"},segmentId:{description:"\
ID of the segment, if several have the same name.",type:"string",minLength:1,pattern:"\\S"},identifier:{description:"What identifies a member: Id (not case-sens\
itive), User.UserId, Address (channel and address together), or an attribute such as Attributes.customer or User.UserAttributes.customer.",type:"string",pattern:"\
^(Id|User\\.UserId|Address|Attributes\\..+|User\\.UserAttributes\\..+)$",examples:["Id","User.UserId","Address","Attributes.customer"]},format:{description:"For\
mat of the files. If omitted, the file extension decides.",type:"string",enum:["CSV","JSON"],enumDescriptions:["Comma-separated, with a header.","One JSON objec\
t per line (NDJSON)."]}}}}},$id:"isMirrors"},c=Object.prototype.hasOwnProperty,g=A().default,y=new RegExp("\\S","u"),M=new RegExp("^(Id|User\\.UserId|Address|Att\
ributes\\..+|User\\.UserAttributes\\..+)$","u");function o(a,{instancePath:r="",parentData:f,parentDataProperty:l,rootData:d=a}={}){let U=null,i=0;if(i===0)if(a&&
typeof a=="object"&&!Array.isArray(a)){let b;if((a.mirrors===void 0||!c.call(a,"mirrors"))&&(b="mirrors"))return o.errors=[{instancePath:r,schemaPath:"#/require\
d",keyword:"required",params:{missingProperty:b},message:"must have required property '"+b+"'",schema:t.required,parentSchema:t,data:a}],!1;{let $=i;for(let h of Object.
keys(a))if(!(h==="$schema"||h==="mirrors")){return o.errors=[{instancePath:r,schemaPath:"#/additionalProperties",keyword:"additionalProperties",params:{additionalProperty:h},
message:"must NOT have additional properties",schema:!1,parentSchema:t,data:a}],!1;break}if($===i){if(a.$schema!==void 0&&c.call(a,"$schema")){let h=a.$schema,v=i;
if(typeof h!="string")return o.errors=[{instancePath:r+"/$schema",schemaPath:"#/properties/%24schema/type",keyword:"type",params:{type:"string"},message:"must b\
e string",schema:t.properties.$schema.type,parentSchema:t.properties.$schema,data:h}],!1;var S=v===i}else var S=!0;if(S)if(a.mirrors!==void 0&&c.call(a,"mirrors")){
let h=a.mirrors,v=i;if(i===v)if(Array.isArray(h)){var j=!0;let O=h.length;for(let m=0;m<O;m++){let s=h[m],k=i;if(i===k)if(s&&typeof s=="object"&&!Array.isArray(
s)){let u;if((s.name===void 0||!c.call(s,"name"))&&(u="name")||(s.source===void 0||!c.call(s,"source"))&&(u="source")||(s.project===void 0||!c.call(s,"project"))&&
(u="project")||(s.segment===void 0||!c.call(s,"segment"))&&(u="segment")||(s.identifier===void 0||!c.call(s,"identifier"))&&(u="identifier"))return o.errors=[{instancePath:r+
"/mirrors/"+m,schemaPath:"#/properties/mirrors/items/required",keyword:"required",params:{missingProperty:u},message:"must have required property '"+u+"'",schema:t.
properties.mirrors.items.required,parentSchema:t.properties.mirrors.items,data:s}],!1;{let L=i;for(let e of Object.keys(s))if(!(e==="name"||e==="source"||e==="p\
roject"||e==="segment"||e==="segmentId"||e==="identifier"||e==="format")){return o.errors=[{instancePath:r+"/mirrors/"+m,schemaPath:"#/properties/mirrors/items/\
additionalProperties",keyword:"additionalProperties",params:{additionalProperty:e},message:"must NOT have additional properties",schema:!1,parentSchema:t.properties.
mirrors.items,data:s}],!1;break}if(L===i){if(s.name!==void 0&&c.call(s,"name")){let e=s.name,n=i;if(i===n)if(typeof e=="string"){if(g(e)<1)return o.errors=[{instancePath:r+
"/mirrors/"+m+"/name",schemaPath:"#/properties/mirrors/items/properties/name/minLength",keyword:"minLength",params:{limit:1},message:"must NOT have fewer than 1\
 characters",schema:1,parentSchema:t.properties.mirrors.items.properties.name,data:e}],!1;if(!y.test(e))return o.errors=[{instancePath:r+"/mirrors/"+m+"/name",schemaPath:"\
#/properties/mirrors/items/properties/name/pattern",keyword:"pattern",params:{pattern:"\\S"},message:'must match pattern "\\S"',schema:"\\S",parentSchema:t.properties.
mirrors.items.properties.name,data:e}],!1}else return o.errors=[{instancePath:r+"/mirrors/"+m+"/name",schemaPath:"#/properties/mirrors/items/properties/name/typ\
e",keyword:"type",params:{type:"string"},message:"must be string",schema:t.properties.mirrors.items.properties.name.type,parentSchema:t.properties.mirrors.items.
properties.name,data:e}],!1;var p=n===i}else var p=!0;if(p){if(s.source!==void 0&&c.call(s,"source")){let e=s.source,n=i;if(i===n)if(typeof e=="string"){if(g(e)<
1)return o.errors=[{instancePath:r+"/mirrors/"+m+"/source",schemaPath:"#/properties/mirrors/items/properties/source/minLength",keyword:"minLength",params:{limit:1},
message:"must NOT have fewer than 1 characters",schema:1,parentSchema:t.properties.mirrors.items.properties.source,data:e}],!1;if(!y.test(e))return o.errors=[{instancePath:r+
"/mirrors/"+m+"/source",schemaPath:"#/properties/mirrors/items/properties/source/pattern",keyword:"pattern",params:{pattern:"\\S"},message:'must match pattern "\
\\S"',schema:"\\S",parentSchema:t.properties.mirrors.items.properties.source,data:e}],!1}else return o.errors=[{instancePath:r+"/mirrors/"+m+"/source",schemaPath:"\
#/properties/mirrors/items/properties/source/type",keyword:"type",params:{type:"string"},message:"must be string",schema:t.properties.mirrors.items.properties.source.
type,parentSchema:t.properties.mirrors.items.properties.source,data:e}],!1;var p=n===i}else var p=!0;if(p){if(s.project!==void 0&&c.call(s,"project")){let e=s.project,
n=i;if(i===n)if(typeof e=="string"){if(g(e)<1)return o.errors=[{instancePath:r+"/mirrors/"+m+"/project",schemaPath:"#/properties/mirrors/items/properties/projec\
t/minLength",keyword:"minLength",params:{limit:1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:t.properties.mirrors.items.properties.project,
data:e}],!1;if(!y.test(e))return o.errors=[{instancePath:r+"/mirrors/"+m+"/project",schemaPath:"#/properties/mirrors/items/properties/project/pattern",keyword:"\
pattern",params:{pattern:"\\S"},message:'must match pattern "\\S"',schema:"\\S",parentSchema:t.properties.mirrors.items.properties.project,data:e}],!1}else return o.
errors=[{instancePath:r+"/mirrors/"+m+"/project",schemaPath:"#/properties/mirrors/items/properties/project/type",keyword:"type",params:{type:"string"},message:"\
must be string",schema:t.properties.mirrors.items.properties.project.type,parentSchema:t.properties.mirrors.items.properties.project,data:e}],!1;var p=n===i}else
var p=!0;if(p){if(s.segment!==void 0&&c.call(s,"segment")){let e=s.segment,n=i;if(i===n)if(typeof e=="string"){if(g(e)<1)return o.errors=[{instancePath:r+"/mirr\
ors/"+m+"/segment",schemaPath:"#/properties/mirrors/items/properties/segment/minLength",keyword:"minLength",params:{limit:1},message:"must NOT have fewer than 1\
 characters",schema:1,parentSchema:t.properties.mirrors.items.properties.segment,data:e}],!1;if(!y.test(e))return o.errors=[{instancePath:r+"/mirrors/"+m+"/segm\
ent",schemaPath:"#/properties/mirrors/items/properties/segment/pattern",keyword:"pattern",params:{pattern:"\\S"},message:'must match pattern "\\S"',schema:"\\S",
parentSchema:t.properties.mirrors.items.properties.segment,data:e}],!1}else return o.errors=[{instancePath:r+"/mirrors/"+m+"/segment",schemaPath:"#/properties/m\
irrors/items/properties/segment/type",keyword:"type",params:{type:"string"},message:"must be string",schema:t.properties.mirrors.items.properties.segment.type,parentSchema:t.
properties.mirrors.items.properties.segment,data:e}],!1;var p=n===i}else var p=!0;if(p){if(s.segmentId!==void 0&&c.call(s,"segmentId")){let e=s.segmentId,n=i;if(i===
n)if(typeof e=="string"){if(g(e)<1)return o.errors=[{instancePath:r+"/mirrors/"+m+"/segmentId",schemaPath:"#/properties/mirrors/items/properties/segmentId/minLe\
ngth",keyword:"minLength",params:{limit:1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:t.properties.mirrors.items.properties.segmentId,
data:e}],!1;if(!y.test(e))return o.errors=[{instancePath:r+"/mirrors/"+m+"/segmentId",schemaPath:"#/properties/mirrors/items/properties/segmentId/pattern",keyword:"\
pattern",params:{pattern:"\\S"},message:'must match pattern "\\S"',schema:"\\S",parentSchema:t.properties.mirrors.items.properties.segmentId,data:e}],!1}else return o.
errors=[{instancePath:r+"/mirrors/"+m+"/segmentId",schemaPath:"#/properties/mirrors/items/properties/segmentId/type",keyword:"type",params:{type:"string"},message:"\
must be string",schema:t.properties.mirrors.items.properties.segmentId.type,parentSchema:t.properties.mirrors.items.properties.segmentId,data:e}],!1;var p=n===i}else
var p=!0;if(p){if(s.identifier!==void 0&&c.call(s,"identifier")){let e=s.identifier,n=i;if(i===n)if(typeof e=="string"){if(!M.test(e))return o.errors=[{instancePath:r+
"/mirrors/"+m+"/identifier",schemaPath:"#/properties/mirrors/items/properties/identifier/pattern",keyword:"pattern",params:{pattern:"^(Id|User\\.UserId|Address|A\
ttributes\\..+|User\\.UserAttributes\\..+)$"},message:'must match pattern "^(Id|User\\.UserId|Address|Attributes\\..+|User\\.UserAttributes\\..+)$"',schema:"^(I\
d|User\\.UserId|Address|Attributes\\..+|User\\.UserAttributes\\..+)$",parentSchema:t.properties.mirrors.items.properties.identifier,data:e}],!1}else return o.errors=
[{instancePath:r+"/mirrors/"+m+"/identifier",schemaPath:"#/properties/mirrors/items/properties/identifier/type",keyword:"type",params:{type:"string"},message:"m\
ust be string",schema:t.properties.mirrors.items.properties.identifier.type,parentSchema:t.properties.mirrors.items.properties.identifier,data:e}],!1;var p=n===
i}else var p=!0;if(p)if(s.format!==void 0&&c.call(s,"format")){let e=s.format,n=i;if(typeof e!="string")return o.errors=[{instancePath:r+"/mirrors/"+m+"/format",
schemaPath:"#/properties/mirrors/items/properties/format/type",keyword:"type",params:{type:"string"},message:"must be string",schema:t.properties.mirrors.items.
properties.format.type,parentSchema:t.properties.mirrors.items.properties.format,data:e}],!1;if(!(e==="CSV"||e==="JSON"))return o.errors=[{instancePath:r+"/mirr\
ors/"+m+"/format",schemaPath:"#/properties/mirrors/items/properties/format/enum",keyword:"enum",params:{allowedValues:t.properties.mirrors.items.properties.format.
enum},message:"must be equal to one of the allowed values",schema:t.properties.mirrors.items.properties.format.enum,parentSchema:t.properties.mirrors.items.properties.
format,data:e}],!1;var p=n===i}else var p=!0}}}}}}}}else return o.errors=[{instancePath:r+"/mirrors/"+m,schemaPath:"#/properties/mirrors/items/type",keyword:"ty\
pe",params:{type:"object"},message:"must be object",schema:t.properties.mirrors.items.type,parentSchema:t.properties.mirrors.items,data:s}],!1;var j=k===i;if(!j)
break}}else return o.errors=[{instancePath:r+"/mirrors",schemaPath:"#/properties/mirrors/type",keyword:"type",params:{type:"array"},message:"must be array",schema:t.
properties.mirrors.type,parentSchema:t.properties.mirrors,data:h}],!1;var S=v===i}else var S=!0}}}else return o.errors=[{instancePath:r,schemaPath:"#/type",keyword:"\
type",params:{type:"object"},message:"must be object",schema:t.type,parentSchema:t,data:a}],!1;return o.errors=U,i===0}return C(E);})();
export const isMirrors: Validator = validators.isMirrors;
