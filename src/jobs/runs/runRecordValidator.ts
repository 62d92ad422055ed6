// @ts-nocheck
// Made by `node tools/validators.ts`.
import type { ErrorObject } from 'ajv';
interface Validator {
  (value: unknown): boolean;
  readonly errors?: readonly ErrorObject[] | null;
}
"use strict";var validators=(()=>{var le=Object.defineProperty;var ze=Object.getOwnPropertyDescriptor;var Je=Object.getOwnPropertyNames;var Ue=Object.prototype.hasOwnProperty;var Se=(p,s)=>{for(var Y in s)le(p,Y,{get:s[Y],enumerable:!0})},De=(p,s,Y,se)=>{if(s&&typeof s=="object"||typeof s=="function")for(let T of Je(s))!Ue.call(p,T)&&
T!==Y&&le(p,T,{get:()=>s[T],enumerable:!(se=ze(s,T))||se.enumerable});return p};var Ee=p=>De(le({},"__esModule",{value:!0}),p);var Re={};Se(Re,{isNewerRecord:()=>Ke,isRunRecord:()=>Be});var Be=k,S={type:"object",required:["schema","id","created","updated","account","region","projectId",
"notified"],properties:{schema:{enum:[1,2,3]},id:{type:"string"},created:{type:"string"},updated:{type:"string"},account:{type:"string"},region:{type:"string"},
projectId:{type:"string"},notified:{type:"boolean"},queued:{type:"number",minimum:-864e13,maximum:864e13},retryAt:{type:"number",minimum:-864e13,maximum:864e13},
asked:{type:"number",minimum:-864e13,maximum:864e13},attempt:{type:"integer",minimum:0,maximum:9007199254740991},before:{type:"array",items:{type:"string"}},doubles:{
type:"array",items:{type:"object",required:["id"],properties:{id:{type:"string"},segmentId:{type:"string"},segmentName:{type:"string"}}}},job:{type:"object",required:[
"id","projectId","kind","status","created","failures"],properties:{id:{type:"string"},projectId:{type:"string"},kind:{enum:["import","export"]},status:{type:"st\
ring"},created:{type:"string"},failures:{type:"array",items:{type:"string"}},completed:{type:"string"},totalPieces:{type:"number"},completedPieces:{type:"number"},
failedPieces:{type:"number"},totalProcessed:{type:"number"},totalFailures:{type:"number"},s3Url:{type:"string"},segmentId:{type:"string"},segmentName:{type:"str\
ing"},format:{type:"string"}}},adopted:{type:"boolean"},earlierJobs:{type:"array",items:{type:"string"}},error:{type:"object",required:["code","message"],properties:{
code:{type:"string"},message:{type:"string"},help:{type:"string"}}},epoch:{type:"integer",minimum:0,maximum:9007199254740991},ended:{type:"string"},endpointUrl:{
type:"string"},projectName:{type:"string"},trouble:{type:"object",required:["code","message"],properties:{code:{type:"string"},message:{type:"string"},help:{type:"\
string"}}}},anyOf:[{type:"object",required:["state","kind","import"],properties:{state:{enum:["staging","queued","starting","running","completed","failed","canc\
elled","interrupted"]},kind:{enum:["import"]},import:{type:"object",required:["files","format","bucket","folder","staged","roleArn","defineSegment","registerEnd\
points"],properties:{files:{type:"array",items:{type:"object",required:["path","bytes","modified"],properties:{path:{type:"string"},bytes:{type:"number"},modified:{
type:"number",minimum:-864e13,maximum:864e13},sha256:{type:"string"},records:{type:"number"},errors:{type:"number"}}}},format:{enum:["CSV","JSON"]},bucket:{type:"\
string"},folder:{type:"string"},staged:{type:"array",items:{type:"object",required:["url","bytes","etag"],properties:{url:{type:"string"},bytes:{type:"number"},
etag:{type:"string"}}}},roleArn:{type:"string"},defineSegment:{type:"boolean"},registerEndpoints:{type:"boolean"},kmsKeyId:{type:"string"},sourceNames:{type:"bo\
olean"},deleteAfterImport:{type:"boolean"},stagedDeleted:{type:"string"},isFromBucket:{type:"boolean"},uploads:{type:"object",additionalProperties:{type:"object",
required:["uploadId","bytes","modified","sizes"],properties:{uploadId:{type:"string"},bytes:{type:"number"},modified:{type:"number",minimum:-864e13,maximum:864e13},
sizes:{type:"array",items:{type:"object",required:["first","bytes"],properties:{first:{type:"number"},bytes:{type:"number"}}}}}}},segmentId:{type:"string"},segmentName:{
type:"string"},leftovers:{type:"boolean"}}},parts:{type:"array",items:{type:"object",required:["state","first","count","folder"],properties:{state:{enum:["stagi\
ng","queued","starting","running","completed","failed","cancelled","interrupted"]},first:{type:"integer",minimum:0,maximum:9007199254740991},count:{type:"intege\
r",minimum:0,maximum:9007199254740991},folder:{type:"string"},queued:{type:"number",minimum:-864e13,maximum:864e13},retryAt:{type:"number",minimum:-864e13,maximum:864e13},
asked:{type:"number",minimum:-864e13,maximum:864e13},attempt:{type:"integer",minimum:0,maximum:9007199254740991},before:{type:"array",items:{type:"string"}},doubles:{
type:"array",items:{type:"object",required:["id"],properties:{id:{type:"string"},segmentId:{type:"string"},segmentName:{type:"string"}}}},job:{type:"object",required:[
"id","projectId","kind","status","created","failures"],properties:{id:{type:"string"},projectId:{type:"string"},kind:{enum:["import","export"]},status:{type:"st\
ring"},created:{type:"string"},failures:{type:"array",items:{type:"string"}},completed:{type:"string"},totalPieces:{type:"number"},completedPieces:{type:"number"},
failedPieces:{type:"number"},totalProcessed:{type:"number"},totalFailures:{type:"number"},s3Url:{type:"string"},segmentId:{type:"string"},segmentName:{type:"str\
ing"},format:{type:"string"}}},adopted:{type:"boolean"},earlierJobs:{type:"array",items:{type:"string"}},error:{type:"object",required:["code","message"],properties:{
code:{type:"string"},message:{type:"string"},help:{type:"string"}}},segmentName:{type:"string"}}},minItems:1}}},{allOf:[{type:"object",required:["state","kind",
"export"],properties:{state:{enum:["starting","running","completed","failed","cancelled","interrupted"]},kind:{enum:["export"]},export:{type:"object",required:[
"bucket","folder","roleArn","downloads"],properties:{bucket:{type:"string"},folder:{type:"string"},roleArn:{type:"string"},downloads:{type:"array",items:{type:"\
object",required:["folder","files","at"],properties:{folder:{type:"string"},files:{type:"array",items:{type:"string"}},at:{type:"string"},records:{type:"integer",
minimum:0,maximum:9007199254740991}}}},segmentId:{type:"string"},segmentName:{type:"string"},segmentVersion:{type:"number"},downloadTo:{type:"string"},placings:{
type:"array",items:{type:"object",required:["folder","files","epoch"],properties:{folder:{type:"string"},files:{type:"array",items:{type:"string"}},epoch:{type:"\
integer",minimum:0,maximum:9007199254740991}}}},placing:{type:"object",required:["folder","files"],properties:{folder:{type:"string"},files:{type:"array",items:{
type:"string"}}}}}}}},{not:{required:["import"]}},{not:{required:["parts"]}}]},{allOf:[{type:"object",required:["state","kind","watched","job"],properties:{state:{
enum:["running","completed","failed","cancelled","interrupted"]},kind:{enum:["import","export"]},watched:{enum:[!0]},job:{type:"object",required:[],properties:{}}}},
{not:{required:["import"]}},{not:{required:["export"]}},{not:{required:["parts"]}}]}],$id:"isRunRecord"},i=Object.prototype.hasOwnProperty;function k(p,{instancePath:s="",
parentData:Y,parentDataProperty:se,rootData:T=p}={}){let r=null,e=0,Z=e,U=!1,oe=e;if(e===oe)if(p&&typeof p=="object"&&!Array.isArray(p)){let F;if((p.state===void 0||
!i.call(p,"state"))&&(F="state")||(p.kind===void 0||!i.call(p,"kind"))&&(F="kind")||(p.import===void 0||!i.call(p,"import"))&&(F="import")){let t={instancePath:s,
schemaPath:"#/anyOf/0/required",keyword:"required",params:{missingProperty:F}};r===null?r=[t]:r.push(t),e++}else{if(p.state!==void 0&&i.call(p,"state")){let t=p.
state,A=e;if(!(t==="staging"||t==="queued"||t==="starting"||t==="running"||t==="completed"||t==="failed"||t==="cancelled"||t==="interrupted")){let z={instancePath:s+
"/state",schemaPath:"#/anyOf/0/properties/state/enum",keyword:"enum",params:{allowedValues:S.anyOf[0].properties.state.enum}};r===null?r=[z]:r.push(z),e++}var D=A===
e}else var D=!0;if(D){if(p.kind!==void 0&&i.call(p,"kind")){let t=e;if(p.kind!=="import"){let z={instancePath:s+"/kind",schemaPath:"#/anyOf/0/properties/kind/en\
um",keyword:"enum",params:{allowedValues:S.anyOf[0].properties.kind.enum}};r===null?r=[z]:r.push(z),e++}var D=t===e}else var D=!0;if(D){if(p.import!==void 0&&i.
call(p,"import")){let t=p.import,A=e;if(e===A)if(t&&typeof t=="object"&&!Array.isArray(t)){let d;if((t.files===void 0||!i.call(t,"files"))&&(d="files")||(t.format===
void 0||!i.call(t,"format"))&&(d="format")||(t.bucket===void 0||!i.call(t,"bucket"))&&(d="bucket")||(t.folder===void 0||!i.call(t,"folder"))&&(d="folder")||(t.staged===
void 0||!i.call(t,"staged"))&&(d="staged")||(t.roleArn===void 0||!i.call(t,"roleArn"))&&(d="roleArn")||(t.defineSegment===void 0||!i.call(t,"defineSegment"))&&(d=
"defineSegment")||(t.registerEndpoints===void 0||!i.call(t,"registerEndpoints"))&&(d="registerEndpoints")){let o={instancePath:s+"/import",schemaPath:"#/anyOf/0\
/properties/import/required",keyword:"required",params:{missingProperty:d}};r===null?r=[o]:r.push(o),e++}else{if(t.files!==void 0&&i.call(t,"files")){let o=t.files,
n=e;if(e===n)if(Array.isArray(o)){var ne=!0;let c=o.length;for(let u=0;u<c;u++){let m=o[u],a=e;if(e===a)if(m&&typeof m=="object"&&!Array.isArray(m)){let v;if((m.
path===void 0||!i.call(m,"path"))&&(v="path")||(m.bytes===void 0||!i.call(m,"bytes"))&&(v="bytes")||(m.modified===void 0||!i.call(m,"modified"))&&(v="modified")){
let l={instancePath:s+"/import/files/"+u,schemaPath:"#/anyOf/0/properties/import/properties/files/items/required",keyword:"required",params:{missingProperty:v}};
r===null?r=[l]:r.push(l),e++}else{if(m.path!==void 0&&i.call(m,"path")){let l=e;if(typeof m.path!="string"){let f={instancePath:s+"/import/files/"+u+"/path",schemaPath:"\
#/anyOf/0/properties/import/properties/files/items/properties/path/type",keyword:"type",params:{type:"string"}};r===null?r=[f]:r.push(f),e++}var J=l===e}else var J=!0;
if(J){if(m.bytes!==void 0&&i.call(m,"bytes")){let l=m.bytes,f=e;if(!(typeof l=="number"&&isFinite(l))){let h={instancePath:s+"/import/files/"+u+"/bytes",schemaPath:"\
#/anyOf/0/properties/import/properties/files/items/properties/bytes/type",keyword:"type",params:{type:"number"}};r===null?r=[h]:r.push(h),e++}var J=f===e}else var J=!0;
if(J){if(m.modified!==void 0&&i.call(m,"modified")){let l=m.modified,f=e;if(e===f)if(typeof l=="number"&&isFinite(l)){if(l>864e13||isNaN(l)){let h={instancePath:s+
"/import/files/"+u+"/modified",schemaPath:"#/anyOf/0/properties/import/properties/files/items/properties/modified/maximum",keyword:"maximum",params:{comparison:"\
<=",limit:864e13}};r===null?r=[h]:r.push(h),e++}else if(l<-864e13||isNaN(l)){let h={instancePath:s+"/import/files/"+u+"/modified",schemaPath:"#/anyOf/0/properti\
es/import/properties/files/items/properties/modified/minimum",keyword:"minimum",params:{comparison:">=",limit:-864e13}};r===null?r=[h]:r.push(h),e++}}else{let h={
instancePath:s+"/import/files/"+u+"/modified",schemaPath:"#/anyOf/0/properties/import/properties/files/items/properties/modified/type",keyword:"type",params:{type:"\
number"}};r===null?r=[h]:r.push(h),e++}var J=f===e}else var J=!0;if(J){if(m.sha256!==void 0&&i.call(m,"sha256")){let l=e;if(typeof m.sha256!="string"){let b={instancePath:s+
"/import/files/"+u+"/sha256",schemaPath:"#/anyOf/0/properties/import/properties/files/items/properties/sha256/type",keyword:"type",params:{type:"string"}};r===null?
r=[b]:r.push(b),e++}var J=l===e}else var J=!0;if(J){if(m.records!==void 0&&i.call(m,"records")){let l=m.records,f=e;if(!(typeof l=="number"&&isFinite(l))){let h={
instancePath:s+"/import/files/"+u+"/records",schemaPath:"#/anyOf/0/properties/import/properties/files/items/properties/records/type",keyword:"type",params:{type:"\
number"}};r===null?r=[h]:r.push(h),e++}var J=f===e}else var J=!0;if(J)if(m.errors!==void 0&&i.call(m,"errors")){let l=m.errors,f=e;if(!(typeof l=="number"&&isFinite(
l))){let h={instancePath:s+"/import/files/"+u+"/errors",schemaPath:"#/anyOf/0/properties/import/properties/files/items/properties/errors/type",keyword:"type",params:{
type:"number"}};r===null?r=[h]:r.push(h),e++}var J=f===e}else var J=!0}}}}}}else{let v={instancePath:s+"/import/files/"+u,schemaPath:"#/anyOf/0/properties/impor\
t/properties/files/items/type",keyword:"type",params:{type:"object"}};r===null?r=[v]:r.push(v),e++}var ne=a===e;if(!ne)break}}else{let c={instancePath:s+"/impor\
t/files",schemaPath:"#/anyOf/0/properties/import/properties/files/type",keyword:"type",params:{type:"array"}};r===null?r=[c]:r.push(c),e++}var w=n===e}else var w=!0;
if(w){if(t.format!==void 0&&i.call(t,"format")){let o=t.format,n=e;if(!(o==="CSV"||o==="JSON")){let u={instancePath:s+"/import/format",schemaPath:"#/anyOf/0/pro\
perties/import/properties/format/enum",keyword:"enum",params:{allowedValues:S.anyOf[0].properties.import.properties.format.enum}};r===null?r=[u]:r.push(u),e++}var w=n===
e}else var w=!0;if(w){if(t.bucket!==void 0&&i.call(t,"bucket")){let o=e;if(typeof t.bucket!="string"){let c={instancePath:s+"/import/bucket",schemaPath:"#/anyOf\
/0/properties/import/properties/bucket/type",keyword:"type",params:{type:"string"}};r===null?r=[c]:r.push(c),e++}var w=o===e}else var w=!0;if(w){if(t.folder!==void 0&&
i.call(t,"folder")){let o=e;if(typeof t.folder!="string"){let c={instancePath:s+"/import/folder",schemaPath:"#/anyOf/0/properties/import/properties/folder/type",
keyword:"type",params:{type:"string"}};r===null?r=[c]:r.push(c),e++}var w=o===e}else var w=!0;if(w){if(t.staged!==void 0&&i.call(t,"staged")){let o=t.staged,n=e;
if(e===n)if(Array.isArray(o)){var fe=!0;let u=o.length;for(let m=0;m<u;m++){let a=o[m],g=e;if(e===g)if(a&&typeof a=="object"&&!Array.isArray(a)){let l;if((a.url===
void 0||!i.call(a,"url"))&&(l="url")||(a.bytes===void 0||!i.call(a,"bytes"))&&(l="bytes")||(a.etag===void 0||!i.call(a,"etag"))&&(l="etag")){let f={instancePath:s+
"/import/staged/"+m,schemaPath:"#/anyOf/0/properties/import/properties/staged/items/required",keyword:"required",params:{missingProperty:l}};r===null?r=[f]:r.push(
f),e++}else{if(a.url!==void 0&&i.call(a,"url")){let f=e;if(typeof a.url!="string"){let b={instancePath:s+"/import/staged/"+m+"/url",schemaPath:"#/anyOf/0/proper\
ties/import/properties/staged/items/properties/url/type",keyword:"type",params:{type:"string"}};r===null?r=[b]:r.push(b),e++}var M=f===e}else var M=!0;if(M){if(a.
bytes!==void 0&&i.call(a,"bytes")){let f=a.bytes,b=e;if(!(typeof f=="number"&&isFinite(f))){let y={instancePath:s+"/import/staged/"+m+"/bytes",schemaPath:"#/any\
Of/0/properties/import/properties/staged/items/properties/bytes/type",keyword:"type",params:{type:"number"}};r===null?r=[y]:r.push(y),e++}var M=b===e}else var M=!0;
if(M)if(a.etag!==void 0&&i.call(a,"etag")){let f=e;if(typeof a.etag!="string"){let h={instancePath:s+"/import/staged/"+m+"/etag",schemaPath:"#/anyOf/0/propertie\
s/import/properties/staged/items/properties/etag/type",keyword:"type",params:{type:"string"}};r===null?r=[h]:r.push(h),e++}var M=f===e}else var M=!0}}}else{let l={
instancePath:s+"/import/staged/"+m,schemaPath:"#/anyOf/0/properties/import/properties/staged/items/type",keyword:"type",params:{type:"object"}};r===null?r=[l]:r.
push(l),e++}var fe=g===e;if(!fe)break}}else{let u={instancePath:s+"/import/staged",schemaPath:"#/anyOf/0/properties/import/properties/staged/type",keyword:"type",
params:{type:"array"}};r===null?r=[u]:r.push(u),e++}var w=n===e}else var w=!0;if(w){if(t.roleArn!==void 0&&i.call(t,"roleArn")){let o=e;if(typeof t.roleArn!="st\
ring"){let c={instancePath:s+"/import/roleArn",schemaPath:"#/anyOf/0/properties/import/properties/roleArn/type",keyword:"type",params:{type:"string"}};r===null?
r=[c]:r.push(c),e++}var w=o===e}else var w=!0;if(w){if(t.defineSegment!==void 0&&i.call(t,"defineSegment")){let o=e;if(typeof t.defineSegment!="boolean"){let c={
instancePath:s+"/import/defineSegment",schemaPath:"#/anyOf/0/properties/import/properties/defineSegment/type",keyword:"type",params:{type:"boolean"}};r===null?r=
[c]:r.push(c),e++}var w=o===e}else var w=!0;if(w){if(t.registerEndpoints!==void 0&&i.call(t,"registerEndpoints")){let o=e;if(typeof t.registerEndpoints!="boolea\
n"){let c={instancePath:s+"/import/registerEndpoints",schemaPath:"#/anyOf/0/properties/import/properties/registerEndpoints/type",keyword:"type",params:{type:"bo\
olean"}};r===null?r=[c]:r.push(c),e++}var w=o===e}else var w=!0;if(w){if(t.kmsKeyId!==void 0&&i.call(t,"kmsKeyId")){let o=e;if(typeof t.kmsKeyId!="string"){let c={
instancePath:s+"/import/kmsKeyId",schemaPath:"#/anyOf/0/properties/import/properties/kmsKeyId/type",keyword:"type",params:{type:"string"}};r===null?r=[c]:r.push(
c),e++}var w=o===e}else var w=!0;if(w){if(t.sourceNames!==void 0&&i.call(t,"sourceNames")){let o=e;if(typeof t.sourceNames!="boolean"){let c={instancePath:s+"/i\
mport/sourceNames",schemaPath:"#/anyOf/0/properties/import/properties/sourceNames/type",keyword:"type",params:{type:"boolean"}};r===null?r=[c]:r.push(c),e++}var w=o===
e}else var w=!0;if(w){if(t.deleteAfterImport!==void 0&&i.call(t,"deleteAfterImport")){let o=e;if(typeof t.deleteAfterImport!="boolean"){let c={instancePath:s+"/\
import/deleteAfterImport",schemaPath:"#/anyOf/0/properties/import/properties/deleteAfterImport/type",keyword:"type",params:{type:"boolean"}};r===null?r=[c]:r.push(
c),e++}var w=o===e}else var w=!0;if(w){if(t.stagedDeleted!==void 0&&i.call(t,"stagedDeleted")){let o=e;if(typeof t.stagedDeleted!="string"){let c={instancePath:s+
"/import/stagedDeleted",schemaPath:"#/anyOf/0/properties/import/properties/stagedDeleted/type",keyword:"type",params:{type:"string"}};r===null?r=[c]:r.push(c),e++}
var w=o===e}else var w=!0;if(w){if(t.isFromBucket!==void 0&&i.call(t,"isFromBucket")){let o=e;if(typeof t.isFromBucket!="boolean"){let c={instancePath:s+"/impor\
t/isFromBucket",schemaPath:"#/anyOf/0/properties/import/properties/isFromBucket/type",keyword:"type",params:{type:"boolean"}};r===null?r=[c]:r.push(c),e++}var w=o===
e}else var w=!0;if(w){if(t.uploads!==void 0&&i.call(t,"uploads")){let o=t.uploads,n=e;if(e===n)if(o&&typeof o=="object"&&!Array.isArray(o))for(let u of Object.keys(
o)){let m=o[u],a=e;if(e===a)if(m&&typeof m=="object"&&!Array.isArray(m)){let g;if((m.uploadId===void 0||!i.call(m,"uploadId"))&&(g="uploadId")||(m.bytes===void 0||
!i.call(m,"bytes"))&&(g="bytes")||(m.modified===void 0||!i.call(m,"modified"))&&(g="modified")||(m.sizes===void 0||!i.call(m,"sizes"))&&(g="sizes")){let v={instancePath:s+
"/import/uploads/"+u.replace(/~/g,"~0").replace(/\//g,"~1"),schemaPath:"#/anyOf/0/properties/import/properties/uploads/additionalProperties/required",keyword:"r\
equired",params:{missingProperty:g}};r===null?r=[v]:r.push(v),e++}else{if(m.uploadId!==void 0&&i.call(m,"uploadId")){let v=e;if(typeof m.uploadId!="string"){let l={
instancePath:s+"/import/uploads/"+u.replace(/~/g,"~0").replace(/\//g,"~1")+"/uploadId",schemaPath:"#/anyOf/0/properties/import/properties/uploads/additionalProp\
erties/properties/uploadId/type",keyword:"type",params:{type:"string"}};r===null?r=[l]:r.push(l),e++}var E=v===e}else var E=!0;if(E){if(m.bytes!==void 0&&i.call(
m,"bytes")){let v=m.bytes,l=e;if(!(typeof v=="number"&&isFinite(v))){let b={instancePath:s+"/import/uploads/"+u.replace(/~/g,"~0").replace(/\//g,"~1")+"/bytes",
schemaPath:"#/anyOf/0/properties/import/properties/uploads/additionalProperties/properties/bytes/type",keyword:"type",params:{type:"number"}};r===null?r=[b]:r.push(
b),e++}var E=l===e}else var E=!0;if(E){if(m.modified!==void 0&&i.call(m,"modified")){let v=m.modified,l=e;if(e===l)if(typeof v=="number"&&isFinite(v)){if(v>864e13||
isNaN(v)){let b={instancePath:s+"/import/uploads/"+u.replace(/~/g,"~0").replace(/\//g,"~1")+"/modified",schemaPath:"#/anyOf/0/properties/import/properties/uploa\
ds/additionalProperties/properties/modified/maximum",keyword:"maximum",params:{comparison:"<=",limit:864e13}};r===null?r=[b]:r.push(b),e++}else if(v<-864e13||isNaN(
v)){let b={instancePath:s+"/import/uploads/"+u.replace(/~/g,"~0").replace(/\//g,"~1")+"/modified",schemaPath:"#/anyOf/0/properties/import/properties/uploads/add\
itionalProperties/properties/modified/minimum",keyword:"minimum",params:{comparison:">=",limit:-864e13}};r===null?r=[b]:r.push(b),e++}}else{let b={instancePath:s+
"/import/uploads/"+u.replace(/~/g,"~0").replace(/\//g,"~1")+"/modified",schemaPath:"#/anyOf/0/properties/import/properties/uploads/additionalProperties/properti\
es/modified/type",keyword:"type",params:{type:"number"}};r===null?r=[b]:r.push(b),e++}var E=l===e}else var E=!0;if(E)if(m.sizes!==void 0&&i.call(m,"sizes")){let v=m.
sizes,l=e;if(e===l)if(Array.isArray(v)){var de=!0;let b=v.length;for(let h=0;h<b;h++){let y=v[h],N=e;if(e===N)if(y&&typeof y=="object"&&!Array.isArray(y)){let x;
if((y.first===void 0||!i.call(y,"first"))&&(x="first")||(y.bytes===void 0||!i.call(y,"bytes"))&&(x="bytes")){let I={instancePath:s+"/import/uploads/"+u.replace(
/~/g,"~0").replace(/\//g,"~1")+"/sizes/"+h,schemaPath:"#/anyOf/0/properties/import/properties/uploads/additionalProperties/properties/sizes/items/required",keyword:"\
required",params:{missingProperty:x}};r===null?r=[I]:r.push(I),e++}else{if(y.first!==void 0&&i.call(y,"first")){let I=y.first,X=e;if(!(typeof I=="number"&&isFinite(
I))){let Ae={instancePath:s+"/import/uploads/"+u.replace(/~/g,"~0").replace(/\//g,"~1")+"/sizes/"+h+"/first",schemaPath:"#/anyOf/0/properties/import/properties/\
uploads/additionalProperties/properties/sizes/items/properties/first/type",keyword:"type",params:{type:"number"}};r===null?r=[Ae]:r.push(Ae),e++}var ie=X===e}else
var ie=!0;if(ie)if(y.bytes!==void 0&&i.call(y,"bytes")){let I=y.bytes,X=e;if(!(typeof I=="number"&&isFinite(I))){let R={instancePath:s+"/import/uploads/"+u.replace(
/~/g,"~0").replace(/\//g,"~1")+"/sizes/"+h+"/bytes",schemaPath:"#/anyOf/0/properties/import/properties/uploads/additionalProperties/properties/sizes/items/prope\
rties/bytes/type",keyword:"type",params:{type:"number"}};r===null?r=[R]:r.push(R),e++}var ie=X===e}else var ie=!0}}else{let x={instancePath:s+"/import/uploads/"+
u.replace(/~/g,"~0").replace(/\//g,"~1")+"/sizes/"+h,schemaPath:"#/anyOf/0/properties/import/properties/uploads/additionalProperties/properties/sizes/items/type",
keyword:"type",params:{type:"object"}};r===null?r=[x]:r.push(x),e++}var de=N===e;if(!de)break}}else{let b={instancePath:s+"/import/uploads/"+u.replace(/~/g,"~0").
replace(/\//g,"~1")+"/sizes",schemaPath:"#/anyOf/0/properties/import/properties/uploads/additionalProperties/properties/sizes/type",keyword:"type",params:{type:"\
array"}};r===null?r=[b]:r.push(b),e++}var E=l===e}else var E=!0}}}}else{let g={instancePath:s+"/import/uploads/"+u.replace(/~/g,"~0").replace(/\//g,"~1"),schemaPath:"\
#/anyOf/0/properties/import/properties/uploads/additionalProperties/type",keyword:"type",params:{type:"object"}};r===null?r=[g]:r.push(g),e++}var xe=a===e;if(!xe)
break}else{let u={instancePath:s+"/import/uploads",schemaPath:"#/anyOf/0/properties/import/properties/uploads/type",keyword:"type",params:{type:"object"}};r===null?
r=[u]:r.push(u),e++}var w=n===e}else var w=!0;if(w){if(t.segmentId!==void 0&&i.call(t,"segmentId")){let o=e;if(typeof t.segmentId!="string"){let c={instancePath:s+
"/import/segmentId",schemaPath:"#/anyOf/0/properties/import/properties/segmentId/type",keyword:"type",params:{type:"string"}};r===null?r=[c]:r.push(c),e++}var w=o===
e}else var w=!0;if(w){if(t.segmentName!==void 0&&i.call(t,"segmentName")){let o=e;if(typeof t.segmentName!="string"){let c={instancePath:s+"/import/segmentName",
schemaPath:"#/anyOf/0/properties/import/properties/segmentName/type",keyword:"type",params:{type:"string"}};r===null?r=[c]:r.push(c),e++}var w=o===e}else var w=!0;
if(w)if(t.leftovers!==void 0&&i.call(t,"leftovers")){let o=e;if(typeof t.leftovers!="boolean"){let c={instancePath:s+"/import/leftovers",schemaPath:"#/anyOf/0/p\
roperties/import/properties/leftovers/type",keyword:"type",params:{type:"boolean"}};r===null?r=[c]:r.push(c),e++}var w=o===e}else var w=!0}}}}}}}}}}}}}}}}}else{
let d={instancePath:s+"/import",schemaPath:"#/anyOf/0/properties/import/type",keyword:"type",params:{type:"object"}};r===null?r=[d]:r.push(d),e++}var D=A===e}else
var D=!0;if(D)if(p.parts!==void 0&&i.call(p,"parts")){let t=p.parts,A=e;if(e===A)if(Array.isArray(t))if(t.length<1){let d={instancePath:s+"/parts",schemaPath:"#\
/anyOf/0/properties/parts/minItems",keyword:"minItems",params:{limit:1}};r===null?r=[d]:r.push(d),e++}else{var me=!0;let d=t.length;for(let o=0;o<d;o++){let n=t[o],
c=e;if(e===c)if(n&&typeof n=="object"&&!Array.isArray(n)){let m;if((n.state===void 0||!i.call(n,"state"))&&(m="state")||(n.first===void 0||!i.call(n,"first"))&&
(m="first")||(n.count===void 0||!i.call(n,"count"))&&(m="count")||(n.folder===void 0||!i.call(n,"folder"))&&(m="folder")){let a={instancePath:s+"/parts/"+o,schemaPath:"\
#/anyOf/0/properties/parts/items/required",keyword:"required",params:{missingProperty:m}};r===null?r=[a]:r.push(a),e++}else{if(n.state!==void 0&&i.call(n,"state")){
let a=n.state,g=e;if(!(a==="staging"||a==="queued"||a==="starting"||a==="running"||a==="completed"||a==="failed"||a==="cancelled"||a==="interrupted")){let v={instancePath:s+
"/parts/"+o+"/state",schemaPath:"#/anyOf/0/properties/parts/items/properties/state/enum",keyword:"enum",params:{allowedValues:S.anyOf[0].properties.parts.items.
properties.state.enum}};r===null?r=[v]:r.push(v),e++}var _=g===e}else var _=!0;if(_){if(n.first!==void 0&&i.call(n,"first")){let a=n.first,g=e;if(!(typeof a=="n\
umber"&&!(a%1)&&!isNaN(a)&&isFinite(a))){let l={instancePath:s+"/parts/"+o+"/first",schemaPath:"#/anyOf/0/properties/parts/items/properties/first/type",keyword:"\
type",params:{type:"integer"}};r===null?r=[l]:r.push(l),e++}if(e===g&&typeof a=="number"&&isFinite(a)){if(a>9007199254740991||isNaN(a)){let l={instancePath:s+"/\
parts/"+o+"/first",schemaPath:"#/anyOf/0/properties/parts/items/properties/first/maximum",keyword:"maximum",params:{comparison:"<=",limit:9007199254740991}};r===
null?r=[l]:r.push(l),e++}else if(a<0||isNaN(a)){let l={instancePath:s+"/parts/"+o+"/first",schemaPath:"#/anyOf/0/properties/parts/items/properties/first/minimum",
keyword:"minimum",params:{comparison:">=",limit:0}};r===null?r=[l]:r.push(l),e++}}var _=g===e}else var _=!0;if(_){if(n.count!==void 0&&i.call(n,"count")){let a=n.
count,g=e;if(!(typeof a=="number"&&!(a%1)&&!isNaN(a)&&isFinite(a))){let l={instancePath:s+"/parts/"+o+"/count",schemaPath:"#/anyOf/0/properties/parts/items/prop\
erties/count/type",keyword:"type",params:{type:"integer"}};r===null?r=[l]:r.push(l),e++}if(e===g&&typeof a=="number"&&isFinite(a)){if(a>9007199254740991||isNaN(
a)){let l={instancePath:s+"/parts/"+o+"/count",schemaPath:"#/anyOf/0/properties/parts/items/properties/count/maximum",keyword:"maximum",params:{comparison:"<=",
limit:9007199254740991}};r===null?r=[l]:r.push(l),e++}else if(a<0||isNaN(a)){let l={instancePath:s+"/parts/"+o+"/count",schemaPath:"#/anyOf/0/properties/parts/i\
tems/properties/count/minimum",keyword:"minimum",params:{comparison:">=",limit:0}};r===null?r=[l]:r.push(l),e++}}var _=g===e}else var _=!0;if(_){if(n.folder!==void 0&&
i.call(n,"folder")){let a=e;if(typeof n.folder!="string"){let v={instancePath:s+"/parts/"+o+"/folder",schemaPath:"#/anyOf/0/properties/parts/items/properties/fo\
lder/type",keyword:"type",params:{type:"string"}};r===null?r=[v]:r.push(v),e++}var _=a===e}else var _=!0;if(_){if(n.queued!==void 0&&i.call(n,"queued")){let a=n.
queued,g=e;if(e===g)if(typeof a=="number"&&isFinite(a)){if(a>864e13||isNaN(a)){let l={instancePath:s+"/parts/"+o+"/queued",schemaPath:"#/anyOf/0/properties/part\
s/items/properties/queued/maximum",keyword:"maximum",params:{comparison:"<=",limit:864e13}};r===null?r=[l]:r.push(l),e++}else if(a<-864e13||isNaN(a)){let l={instancePath:s+
"/parts/"+o+"/queued",schemaPath:"#/anyOf/0/properties/parts/items/properties/queued/minimum",keyword:"minimum",params:{comparison:">=",limit:-864e13}};r===null?
r=[l]:r.push(l),e++}}else{let l={instancePath:s+"/parts/"+o+"/queued",schemaPath:"#/anyOf/0/properties/parts/items/properties/queued/type",keyword:"type",params:{
type:"number"}};r===null?r=[l]:r.push(l),e++}var _=g===e}else var _=!0;if(_){if(n.retryAt!==void 0&&i.call(n,"retryAt")){let a=n.retryAt,g=e;if(e===g)if(typeof a==
"number"&&isFinite(a)){if(a>864e13||isNaN(a)){let l={instancePath:s+"/parts/"+o+"/retryAt",schemaPath:"#/anyOf/0/properties/parts/items/properties/retryAt/maxim\
um",keyword:"maximum",params:{comparison:"<=",limit:864e13}};r===null?r=[l]:r.push(l),e++}else if(a<-864e13||isNaN(a)){let l={instancePath:s+"/parts/"+o+"/retry\
At",schemaPath:"#/anyOf/0/properties/parts/items/properties/retryAt/minimum",keyword:"minimum",params:{comparison:">=",limit:-864e13}};r===null?r=[l]:r.push(l),
e++}}else{let l={instancePath:s+"/parts/"+o+"/retryAt",schemaPath:"#/anyOf/0/properties/parts/items/properties/retryAt/type",keyword:"type",params:{type:"number"}};
r===null?r=[l]:r.push(l),e++}var _=g===e}else var _=!0;if(_){if(n.asked!==void 0&&i.call(n,"asked")){let a=n.asked,g=e;if(e===g)if(typeof a=="number"&&isFinite(
a)){if(a>864e13||isNaN(a)){let l={instancePath:s+"/parts/"+o+"/asked",schemaPath:"#/anyOf/0/properties/parts/items/properties/asked/maximum",keyword:"maximum",params:{
comparison:"<=",limit:864e13}};r===null?r=[l]:r.push(l),e++}else if(a<-864e13||isNaN(a)){let l={instancePath:s+"/parts/"+o+"/asked",schemaPath:"#/anyOf/0/proper\
ties/parts/items/properties/asked/minimum",keyword:"minimum",params:{comparison:">=",limit:-864e13}};r===null?r=[l]:r.push(l),e++}}else{let l={instancePath:s+"/\
parts/"+o+"/asked",schemaPath:"#/anyOf/0/properties/parts/items/properties/asked/type",keyword:"type",params:{type:"number"}};r===null?r=[l]:r.push(l),e++}var _=g===
e}else var _=!0;if(_){if(n.attempt!==void 0&&i.call(n,"attempt")){let a=n.attempt,g=e;if(!(typeof a=="number"&&!(a%1)&&!isNaN(a)&&isFinite(a))){let l={instancePath:s+
"/parts/"+o+"/attempt",schemaPath:"#/anyOf/0/properties/parts/items/properties/attempt/type",keyword:"type",params:{type:"integer"}};r===null?r=[l]:r.push(l),e++}
if(e===g&&typeof a=="number"&&isFinite(a)){if(a>9007199254740991||isNaN(a)){let l={instancePath:s+"/parts/"+o+"/attempt",schemaPath:"#/anyOf/0/properties/parts/\
items/properties/attempt/maximum",keyword:"maximum",params:{comparison:"<=",limit:9007199254740991}};r===null?r=[l]:r.push(l),e++}else if(a<0||isNaN(a)){let l={
instancePath:s+"/parts/"+o+"/attempt",schemaPath:"#/anyOf/0/properties/parts/items/properties/attempt/minimum",keyword:"minimum",params:{comparison:">=",limit:0}};
r===null?r=[l]:r.push(l),e++}}var _=g===e}else var _=!0;if(_){if(n.before!==void 0&&i.call(n,"before")){let a=n.before,g=e;if(e===g)if(Array.isArray(a)){var ue=!0;
let l=a.length;for(let f=0;f<l;f++){let b=e;if(typeof a[f]!="string"){let y={instancePath:s+"/parts/"+o+"/before/"+f,schemaPath:"#/anyOf/0/properties/parts/item\
s/properties/before/items/type",keyword:"type",params:{type:"string"}};r===null?r=[y]:r.push(y),e++}var ue=b===e;if(!ue)break}}else{let l={instancePath:s+"/part\
s/"+o+"/before",schemaPath:"#/anyOf/0/properties/parts/items/properties/before/type",keyword:"type",params:{type:"array"}};r===null?r=[l]:r.push(l),e++}var _=g===
e}else var _=!0;if(_){if(n.doubles!==void 0&&i.call(n,"doubles")){let a=n.doubles,g=e;if(e===g)if(Array.isArray(a)){var ye=!0;let l=a.length;for(let f=0;f<l;f++){
let b=a[f],h=e;if(e===h)if(b&&typeof b=="object"&&!Array.isArray(b)){let N;if((b.id===void 0||!i.call(b,"id"))&&(N="id")){let V={instancePath:s+"/parts/"+o+"/do\
ubles/"+f,schemaPath:"#/anyOf/0/properties/parts/items/properties/doubles/items/required",keyword:"required",params:{missingProperty:N}};r===null?r=[V]:r.push(V),
e++}else{if(b.id!==void 0&&i.call(b,"id")){let V=e;if(typeof b.id!="string"){let x={instancePath:s+"/parts/"+o+"/doubles/"+f+"/id",schemaPath:"#/anyOf/0/propert\
ies/parts/items/properties/doubles/items/properties/id/type",keyword:"type",params:{type:"string"}};r===null?r=[x]:r.push(x),e++}var C=V===e}else var C=!0;if(C){
if(b.segmentId!==void 0&&i.call(b,"segmentId")){let V=e;if(typeof b.segmentId!="string"){let I={instancePath:s+"/parts/"+o+"/doubles/"+f+"/segmentId",schemaPath:"\
#/anyOf/0/properties/parts/items/properties/doubles/items/properties/segmentId/type",keyword:"type",params:{type:"string"}};r===null?r=[I]:r.push(I),e++}var C=V===
e}else var C=!0;if(C)if(b.segmentName!==void 0&&i.call(b,"segmentName")){let V=e;if(typeof b.segmentName!="string"){let I={instancePath:s+"/parts/"+o+"/doubles/"+
f+"/segmentName",schemaPath:"#/anyOf/0/properties/parts/items/properties/doubles/items/properties/segmentName/type",keyword:"type",params:{type:"string"}};r===null?
r=[I]:r.push(I),e++}var C=V===e}else var C=!0}}}else{let N={instancePath:s+"/parts/"+o+"/doubles/"+f,schemaPath:"#/anyOf/0/properties/parts/items/properties/dou\
bles/items/type",keyword:"type",params:{type:"object"}};r===null?r=[N]:r.push(N),e++}var ye=h===e;if(!ye)break}}else{let l={instancePath:s+"/parts/"+o+"/doubles",
schemaPath:"#/anyOf/0/properties/parts/items/properties/doubles/type",keyword:"type",params:{type:"array"}};r===null?r=[l]:r.push(l),e++}var _=g===e}else var _=!0;
if(_){if(n.job!==void 0&&i.call(n,"job")){let a=n.job,g=e;if(e===g)if(a&&typeof a=="object"&&!Array.isArray(a)){let l;if((a.id===void 0||!i.call(a,"id"))&&(l="i\
d")||(a.projectId===void 0||!i.call(a,"projectId"))&&(l="projectId")||(a.kind===void 0||!i.call(a,"kind"))&&(l="kind")||(a.status===void 0||!i.call(a,"status"))&&
(l="status")||(a.created===void 0||!i.call(a,"created"))&&(l="created")||(a.failures===void 0||!i.call(a,"failures"))&&(l="failures")){let f={instancePath:s+"/p\
arts/"+o+"/job",schemaPath:"#/anyOf/0/properties/parts/items/properties/job/required",keyword:"required",params:{missingProperty:l}};r===null?r=[f]:r.push(f),e++}else{
if(a.id!==void 0&&i.call(a,"id")){let f=e;if(typeof a.id!="string"){let b={instancePath:s+"/parts/"+o+"/job/id",schemaPath:"#/anyOf/0/properties/parts/items/pro\
perties/job/properties/id/type",keyword:"type",params:{type:"string"}};r===null?r=[b]:r.push(b),e++}var O=f===e}else var O=!0;if(O){if(a.projectId!==void 0&&i.call(
a,"projectId")){let f=e;if(typeof a.projectId!="string"){let h={instancePath:s+"/parts/"+o+"/job/projectId",schemaPath:"#/anyOf/0/properties/parts/items/propert\
ies/job/properties/projectId/type",keyword:"type",params:{type:"string"}};r===null?r=[h]:r.push(h),e++}var O=f===e}else var O=!0;if(O){if(a.kind!==void 0&&i.call(
a,"kind")){let f=a.kind,b=e;if(!(f==="import"||f==="export")){let y={instancePath:s+"/parts/"+o+"/job/kind",schemaPath:"#/anyOf/0/properties/parts/items/propert\
ies/job/properties/kind/enum",keyword:"enum",params:{allowedValues:S.anyOf[0].properties.parts.items.properties.job.properties.kind.enum}};r===null?r=[y]:r.push(
y),e++}var O=b===e}else var O=!0;if(O){if(a.status!==void 0&&i.call(a,"status")){let f=e;if(typeof a.status!="string"){let h={instancePath:s+"/parts/"+o+"/job/s\
tatus",schemaPath:"#/anyOf/0/properties/parts/items/properties/job/properties/status/type",keyword:"type",params:{type:"string"}};r===null?r=[h]:r.push(h),e++}var O=f===
e}else var O=!0;if(O){if(a.created!==void 0&&i.call(a,"created")){let f=e;if(typeof a.created!="string"){let h={instancePath:s+"/parts/"+o+"/job/created",schemaPath:"\
#/anyOf/0/properties/parts/items/properties/job/properties/created/type",keyword:"type",params:{type:"string"}};r===null?r=[h]:r.push(h),e++}var O=f===e}else var O=!0;
if(O){if(a.failures!==void 0&&i.call(a,"failures")){let f=a.failures,b=e;if(e===b)if(Array.isArray(f)){var ce=!0;let y=f.length;for(let N=0;N<y;N++){let V=e;if(typeof f[N]!=
"string"){let I={instancePath:s+"/parts/"+o+"/job/failures/"+N,schemaPath:"#/anyOf/0/properties/parts/items/properties/job/properties/failures/items/type",keyword:"\
type",params:{type:"string"}};r===null?r=[I]:r.push(I),e++}var ce=V===e;if(!ce)break}}else{let y={instancePath:s+"/parts/"+o+"/job/failures",schemaPath:"#/anyOf\
/0/properties/parts/items/properties/job/properties/failures/type",keyword:"type",params:{type:"array"}};r===null?r=[y]:r.push(y),e++}var O=b===e}else var O=!0;
if(O){if(a.completed!==void 0&&i.call(a,"completed")){let f=e;if(typeof a.completed!="string"){let h={instancePath:s+"/parts/"+o+"/job/completed",schemaPath:"#/\
anyOf/0/properties/parts/items/properties/job/properties/completed/type",keyword:"type",params:{type:"string"}};r===null?r=[h]:r.push(h),e++}var O=f===e}else var O=!0;
if(O){if(a.totalPieces!==void 0&&i.call(a,"totalPieces")){let f=a.totalPieces,b=e;if(!(typeof f=="number"&&isFinite(f))){let y={instancePath:s+"/parts/"+o+"/job\
/totalPieces",schemaPath:"#/anyOf/0/properties/parts/items/properties/job/properties/totalPieces/type",keyword:"type",params:{type:"number"}};r===null?r=[y]:r.push(
y),e++}var O=b===e}else var O=!0;if(O){if(a.completedPieces!==void 0&&i.call(a,"completedPieces")){let f=a.completedPieces,b=e;if(!(typeof f=="number"&&isFinite(
f))){let y={instancePath:s+"/parts/"+o+"/job/completedPieces",schemaPath:"#/anyOf/0/properties/parts/items/properties/job/properties/completedPieces/type",keyword:"\
type",params:{type:"number"}};r===null?r=[y]:r.push(y),e++}var O=b===e}else var O=!0;if(O){if(a.failedPieces!==void 0&&i.call(a,"failedPieces")){let f=a.failedPieces,
b=e;if(!(typeof f=="number"&&isFinite(f))){let y={instancePath:s+"/parts/"+o+"/job/failedPieces",schemaPath:"#/anyOf/0/properties/parts/items/properties/job/pro\
perties/failedPieces/type",keyword:"type",params:{type:"number"}};r===null?r=[y]:r.push(y),e++}var O=b===e}else var O=!0;if(O){if(a.totalProcessed!==void 0&&i.call(
a,"totalProcessed")){let f=a.totalProcessed,b=e;if(!(typeof f=="number"&&isFinite(f))){let y={instancePath:s+"/parts/"+o+"/job/totalProcessed",schemaPath:"#/any\
Of/0/properties/parts/items/properties/job/properties/totalProcessed/type",keyword:"type",params:{type:"number"}};r===null?r=[y]:r.push(y),e++}var O=b===e}else var O=!0;
if(O){if(a.totalFailures!==void 0&&i.call(a,"totalFailures")){let f=a.totalFailures,b=e;if(!(typeof f=="number"&&isFinite(f))){let y={instancePath:s+"/parts/"+o+
"/job/totalFailures",schemaPath:"#/anyOf/0/properties/parts/items/properties/job/properties/totalFailures/type",keyword:"type",params:{type:"number"}};r===null?
r=[y]:r.push(y),e++}var O=b===e}else var O=!0;if(O){if(a.s3Url!==void 0&&i.call(a,"s3Url")){let f=e;if(typeof a.s3Url!="string"){let h={instancePath:s+"/parts/"+
o+"/job/s3Url",schemaPath:"#/anyOf/0/properties/parts/items/properties/job/properties/s3Url/type",keyword:"type",params:{type:"string"}};r===null?r=[h]:r.push(h),
e++}var O=f===e}else var O=!0;if(O){if(a.segmentId!==void 0&&i.call(a,"segmentId")){let f=e;if(typeof a.segmentId!="string"){let h={instancePath:s+"/parts/"+o+"\
/job/segmentId",schemaPath:"#/anyOf/0/properties/parts/items/properties/job/properties/segmentId/type",keyword:"type",params:{type:"string"}};r===null?r=[h]:r.push(
h),e++}var O=f===e}else var O=!0;if(O){if(a.segmentName!==void 0&&i.call(a,"segmentName")){let f=e;if(typeof a.segmentName!="string"){let h={instancePath:s+"/pa\
rts/"+o+"/job/segmentName",schemaPath:"#/anyOf/0/properties/parts/items/properties/job/properties/segmentName/type",keyword:"type",params:{type:"string"}};r===null?
r=[h]:r.push(h),e++}var O=f===e}else var O=!0;if(O)if(a.format!==void 0&&i.call(a,"format")){let f=e;if(typeof a.format!="string"){let h={instancePath:s+"/parts\
/"+o+"/job/format",schemaPath:"#/anyOf/0/properties/parts/items/properties/job/properties/format/type",keyword:"type",params:{type:"string"}};r===null?r=[h]:r.push(
h),e++}var O=f===e}else var O=!0}}}}}}}}}}}}}}}}else{let l={instancePath:s+"/parts/"+o+"/job",schemaPath:"#/anyOf/0/properties/parts/items/properties/job/type",
keyword:"type",params:{type:"object"}};r===null?r=[l]:r.push(l),e++}var _=g===e}else var _=!0;if(_){if(n.adopted!==void 0&&i.call(n,"adopted")){let a=e;if(typeof n.
adopted!="boolean"){let v={instancePath:s+"/parts/"+o+"/adopted",schemaPath:"#/anyOf/0/properties/parts/items/properties/adopted/type",keyword:"type",params:{type:"\
boolean"}};r===null?r=[v]:r.push(v),e++}var _=a===e}else var _=!0;if(_){if(n.earlierJobs!==void 0&&i.call(n,"earlierJobs")){let a=n.earlierJobs,g=e;if(e===g)if(Array.
isArray(a)){var he=!0;let l=a.length;for(let f=0;f<l;f++){let b=e;if(typeof a[f]!="string"){let y={instancePath:s+"/parts/"+o+"/earlierJobs/"+f,schemaPath:"#/an\
yOf/0/properties/parts/items/properties/earlierJobs/items/type",keyword:"type",params:{type:"string"}};r===null?r=[y]:r.push(y),e++}var he=b===e;if(!he)break}}else{
let l={instancePath:s+"/parts/"+o+"/earlierJobs",schemaPath:"#/anyOf/0/properties/parts/items/properties/earlierJobs/type",keyword:"type",params:{type:"array"}};
r===null?r=[l]:r.push(l),e++}var _=g===e}else var _=!0;if(_){if(n.error!==void 0&&i.call(n,"error")){let a=n.error,g=e;if(e===g)if(a&&typeof a=="object"&&!Array.
isArray(a)){let l;if((a.code===void 0||!i.call(a,"code"))&&(l="code")||(a.message===void 0||!i.call(a,"message"))&&(l="message")){let f={instancePath:s+"/parts/"+
o+"/error",schemaPath:"#/anyOf/0/properties/parts/items/properties/error/required",keyword:"required",params:{missingProperty:l}};r===null?r=[f]:r.push(f),e++}else{
if(a.code!==void 0&&i.call(a,"code")){let f=e;if(typeof a.code!="string"){let b={instancePath:s+"/parts/"+o+"/error/code",schemaPath:"#/anyOf/0/properties/parts\
/items/properties/error/properties/code/type",keyword:"type",params:{type:"string"}};r===null?r=[b]:r.push(b),e++}var $=f===e}else var $=!0;if($){if(a.message!==
void 0&&i.call(a,"message")){let f=e;if(typeof a.message!="string"){let h={instancePath:s+"/parts/"+o+"/error/message",schemaPath:"#/anyOf/0/properties/parts/it\
ems/properties/error/properties/message/type",keyword:"type",params:{type:"string"}};r===null?r=[h]:r.push(h),e++}var $=f===e}else var $=!0;if($)if(a.help!==void 0&&
i.call(a,"help")){let f=e;if(typeof a.help!="string"){let h={instancePath:s+"/parts/"+o+"/error/help",schemaPath:"#/anyOf/0/properties/parts/items/properties/er\
ror/properties/help/type",keyword:"type",params:{type:"string"}};r===null?r=[h]:r.push(h),e++}var $=f===e}else var $=!0}}}else{let l={instancePath:s+"/parts/"+o+
"/error",schemaPath:"#/anyOf/0/properties/parts/items/properties/error/type",keyword:"type",params:{type:"object"}};r===null?r=[l]:r.push(l),e++}var _=g===e}else
var _=!0;if(_)if(n.segmentName!==void 0&&i.call(n,"segmentName")){let a=e;if(typeof n.segmentName!="string"){let v={instancePath:s+"/parts/"+o+"/segmentName",schemaPath:"\
#/anyOf/0/properties/parts/items/properties/segmentName/type",keyword:"type",params:{type:"string"}};r===null?r=[v]:r.push(v),e++}var _=a===e}else var _=!0}}}}}}}}}}}}}}}else{
let m={instancePath:s+"/parts/"+o,schemaPath:"#/anyOf/0/properties/parts/items/type",keyword:"type",params:{type:"object"}};r===null?r=[m]:r.push(m),e++}var me=c===
e;if(!me)break}}else{let d={instancePath:s+"/parts",schemaPath:"#/anyOf/0/properties/parts/type",keyword:"type",params:{type:"array"}};r===null?r=[d]:r.push(d),
e++}var D=A===e}else var D=!0}}}}else{let F={instancePath:s,schemaPath:"#/anyOf/0/type",keyword:"type",params:{type:"object"}};r===null?r=[F]:r.push(F),e++}var te=oe===
e;if(U=U||te,!U){let F=e,t=e;if(e===t)if(p&&typeof p=="object"&&!Array.isArray(p)){let z;if((p.state===void 0||!i.call(p,"state"))&&(z="state")||(p.kind===void 0||
!i.call(p,"kind"))&&(z="kind")||(p.export===void 0||!i.call(p,"export"))&&(z="export")){let d={instancePath:s,schemaPath:"#/anyOf/1/allOf/0/required",keyword:"r\
equired",params:{missingProperty:z}};r===null?r=[d]:r.push(d),e++}else{if(p.state!==void 0&&i.call(p,"state")){let d=p.state,o=e;if(!(d==="starting"||d==="runni\
ng"||d==="completed"||d==="failed"||d==="cancelled"||d==="interrupted")){let n={instancePath:s+"/state",schemaPath:"#/anyOf/1/allOf/0/properties/state/enum",keyword:"\
enum",params:{allowedValues:S.anyOf[1].allOf[0].properties.state.enum}};r===null?r=[n]:r.push(n),e++}var G=o===e}else var G=!0;if(G){if(p.kind!==void 0&&i.call(
p,"kind")){let d=e;if(p.kind!=="export"){let n={instancePath:s+"/kind",schemaPath:"#/anyOf/1/allOf/0/properties/kind/enum",keyword:"enum",params:{allowedValues:S.
anyOf[1].allOf[0].properties.kind.enum}};r===null?r=[n]:r.push(n),e++}var G=d===e}else var G=!0;if(G)if(p.export!==void 0&&i.call(p,"export")){let d=p.export,o=e;
if(e===o)if(d&&typeof d=="object"&&!Array.isArray(d)){let c;if((d.bucket===void 0||!i.call(d,"bucket"))&&(c="bucket")||(d.folder===void 0||!i.call(d,"folder"))&&
(c="folder")||(d.roleArn===void 0||!i.call(d,"roleArn"))&&(c="roleArn")||(d.downloads===void 0||!i.call(d,"downloads"))&&(c="downloads")){let u={instancePath:s+
"/export",schemaPath:"#/anyOf/1/allOf/0/properties/export/required",keyword:"required",params:{missingProperty:c}};r===null?r=[u]:r.push(u),e++}else{if(d.bucket!==
void 0&&i.call(d,"bucket")){let u=e;if(typeof d.bucket!="string"){let m={instancePath:s+"/export/bucket",schemaPath:"#/anyOf/1/allOf/0/properties/export/propert\
ies/bucket/type",keyword:"type",params:{type:"string"}};r===null?r=[m]:r.push(m),e++}var q=u===e}else var q=!0;if(q){if(d.folder!==void 0&&i.call(d,"folder")){let u=e;
if(typeof d.folder!="string"){let a={instancePath:s+"/export/folder",schemaPath:"#/anyOf/1/allOf/0/properties/export/properties/folder/type",keyword:"type",params:{
type:"string"}};r===null?r=[a]:r.push(a),e++}var q=u===e}else var q=!0;if(q){if(d.roleArn!==void 0&&i.call(d,"roleArn")){let u=e;if(typeof d.roleArn!="string"){
let a={instancePath:s+"/export/roleArn",schemaPath:"#/anyOf/1/allOf/0/properties/export/properties/roleArn/type",keyword:"type",params:{type:"string"}};r===null?
r=[a]:r.push(a),e++}var q=u===e}else var q=!0;if(q){if(d.downloads!==void 0&&i.call(d,"downloads")){let u=d.downloads,m=e;if(e===m)if(Array.isArray(u)){var ge=!0;
let g=u.length;for(let v=0;v<g;v++){let l=u[v],f=e;if(e===f)if(l&&typeof l=="object"&&!Array.isArray(l)){let h;if((l.folder===void 0||!i.call(l,"folder"))&&(h="\
folder")||(l.files===void 0||!i.call(l,"files"))&&(h="files")||(l.at===void 0||!i.call(l,"at"))&&(h="at")){let y={instancePath:s+"/export/downloads/"+v,schemaPath:"\
#/anyOf/1/allOf/0/properties/export/properties/downloads/items/required",keyword:"required",params:{missingProperty:h}};r===null?r=[y]:r.push(y),e++}else{if(l.folder!==
void 0&&i.call(l,"folder")){let y=e;if(typeof l.folder!="string"){let N={instancePath:s+"/export/downloads/"+v+"/folder",schemaPath:"#/anyOf/1/allOf/0/propertie\
s/export/properties/downloads/items/properties/folder/type",keyword:"type",params:{type:"string"}};r===null?r=[N]:r.push(N),e++}var B=y===e}else var B=!0;if(B){
if(l.files!==void 0&&i.call(l,"files")){let y=l.files,N=e;if(e===N)if(Array.isArray(y)){var ve=!0;let x=y.length;for(let I=0;I<x;I++){let X=e;if(typeof y[I]!="s\
tring"){let R={instancePath:s+"/export/downloads/"+v+"/files/"+I,schemaPath:"#/anyOf/1/allOf/0/properties/export/properties/downloads/items/properties/files/ite\
ms/type",keyword:"type",params:{type:"string"}};r===null?r=[R]:r.push(R),e++}var ve=X===e;if(!ve)break}}else{let x={instancePath:s+"/export/downloads/"+v+"/file\
s",schemaPath:"#/anyOf/1/allOf/0/properties/export/properties/downloads/items/properties/files/type",keyword:"type",params:{type:"array"}};r===null?r=[x]:r.push(
x),e++}var B=N===e}else var B=!0;if(B){if(l.at!==void 0&&i.call(l,"at")){let y=e;if(typeof l.at!="string"){let V={instancePath:s+"/export/downloads/"+v+"/at",schemaPath:"\
#/anyOf/1/allOf/0/properties/export/properties/downloads/items/properties/at/type",keyword:"type",params:{type:"string"}};r===null?r=[V]:r.push(V),e++}var B=y===
e}else var B=!0;if(B)if(l.records!==void 0&&i.call(l,"records")){let y=l.records,N=e;if(!(typeof y=="number"&&!(y%1)&&!isNaN(y)&&isFinite(y))){let x={instancePath:s+
"/export/downloads/"+v+"/records",schemaPath:"#/anyOf/1/allOf/0/properties/export/properties/downloads/items/properties/records/type",keyword:"type",params:{type:"\
integer"}};r===null?r=[x]:r.push(x),e++}if(e===N&&typeof y=="number"&&isFinite(y)){if(y>9007199254740991||isNaN(y)){let x={instancePath:s+"/export/downloads/"+v+
"/records",schemaPath:"#/anyOf/1/allOf/0/properties/export/properties/downloads/items/properties/records/maximum",keyword:"maximum",params:{comparison:"<=",limit:9007199254740991}};
r===null?r=[x]:r.push(x),e++}else if(y<0||isNaN(y)){let x={instancePath:s+"/export/downloads/"+v+"/records",schemaPath:"#/anyOf/1/allOf/0/properties/export/prop\
erties/downloads/items/properties/records/minimum",keyword:"minimum",params:{comparison:">=",limit:0}};r===null?r=[x]:r.push(x),e++}}var B=N===e}else var B=!0}}}}else{
let h={instancePath:s+"/export/downloads/"+v,schemaPath:"#/anyOf/1/allOf/0/properties/export/properties/downloads/items/type",keyword:"type",params:{type:"objec\
t"}};r===null?r=[h]:r.push(h),e++}var ge=f===e;if(!ge)break}}else{let g={instancePath:s+"/export/downloads",schemaPath:"#/anyOf/1/allOf/0/properties/export/prop\
erties/downloads/type",keyword:"type",params:{type:"array"}};r===null?r=[g]:r.push(g),e++}var q=m===e}else var q=!0;if(q){if(d.segmentId!==void 0&&i.call(d,"seg\
mentId")){let u=e;if(typeof d.segmentId!="string"){let a={instancePath:s+"/export/segmentId",schemaPath:"#/anyOf/1/allOf/0/properties/export/properties/segmentI\
d/type",keyword:"type",params:{type:"string"}};r===null?r=[a]:r.push(a),e++}var q=u===e}else var q=!0;if(q){if(d.segmentName!==void 0&&i.call(d,"segmentName")){
let u=e;if(typeof d.segmentName!="string"){let a={instancePath:s+"/export/segmentName",schemaPath:"#/anyOf/1/allOf/0/properties/export/properties/segmentName/ty\
pe",keyword:"type",params:{type:"string"}};r===null?r=[a]:r.push(a),e++}var q=u===e}else var q=!0;if(q){if(d.segmentVersion!==void 0&&i.call(d,"segmentVersion")){
let u=d.segmentVersion,m=e;if(!(typeof u=="number"&&isFinite(u))){let g={instancePath:s+"/export/segmentVersion",schemaPath:"#/anyOf/1/allOf/0/properties/export\
/properties/segmentVersion/type",keyword:"type",params:{type:"number"}};r===null?r=[g]:r.push(g),e++}var q=m===e}else var q=!0;if(q){if(d.downloadTo!==void 0&&i.
call(d,"downloadTo")){let u=e;if(typeof d.downloadTo!="string"){let a={instancePath:s+"/export/downloadTo",schemaPath:"#/anyOf/1/allOf/0/properties/export/prope\
rties/downloadTo/type",keyword:"type",params:{type:"string"}};r===null?r=[a]:r.push(a),e++}var q=u===e}else var q=!0;if(q){if(d.placings!==void 0&&i.call(d,"pla\
cings")){let u=d.placings,m=e;if(e===m)if(Array.isArray(u)){var be=!0;let g=u.length;for(let v=0;v<g;v++){let l=u[v],f=e;if(e===f)if(l&&typeof l=="object"&&!Array.
isArray(l)){let h;if((l.folder===void 0||!i.call(l,"folder"))&&(h="folder")||(l.files===void 0||!i.call(l,"files"))&&(h="files")||(l.epoch===void 0||!i.call(l,"\
epoch"))&&(h="epoch")){let y={instancePath:s+"/export/placings/"+v,schemaPath:"#/anyOf/1/allOf/0/properties/export/properties/placings/items/required",keyword:"\
required",params:{missingProperty:h}};r===null?r=[y]:r.push(y),e++}else{if(l.folder!==void 0&&i.call(l,"folder")){let y=e;if(typeof l.folder!="string"){let N={instancePath:s+
"/export/placings/"+v+"/folder",schemaPath:"#/anyOf/1/allOf/0/properties/export/properties/placings/items/properties/folder/type",keyword:"type",params:{type:"s\
tring"}};r===null?r=[N]:r.push(N),e++}var H=y===e}else var H=!0;if(H){if(l.files!==void 0&&i.call(l,"files")){let y=l.files,N=e;if(e===N)if(Array.isArray(y)){var ke=!0;
let x=y.length;for(let I=0;I<x;I++){let X=e;if(typeof y[I]!="string"){let R={instancePath:s+"/export/placings/"+v+"/files/"+I,schemaPath:"#/anyOf/1/allOf/0/prop\
erties/export/properties/placings/items/properties/files/items/type",keyword:"type",params:{type:"string"}};r===null?r=[R]:r.push(R),e++}var ke=X===e;if(!ke)break}}else{
let x={instancePath:s+"/export/placings/"+v+"/files",schemaPath:"#/anyOf/1/allOf/0/properties/export/properties/placings/items/properties/files/type",keyword:"t\
ype",params:{type:"array"}};r===null?r=[x]:r.push(x),e++}var H=N===e}else var H=!0;if(H)if(l.epoch!==void 0&&i.call(l,"epoch")){let y=l.epoch,N=e;if(!(typeof y==
"number"&&!(y%1)&&!isNaN(y)&&isFinite(y))){let x={instancePath:s+"/export/placings/"+v+"/epoch",schemaPath:"#/anyOf/1/allOf/0/properties/export/properties/placi\
ngs/items/properties/epoch/type",keyword:"type",params:{type:"integer"}};r===null?r=[x]:r.push(x),e++}if(e===N&&typeof y=="number"&&isFinite(y)){if(y>9007199254740991||
isNaN(y)){let x={instancePath:s+"/export/placings/"+v+"/epoch",schemaPath:"#/anyOf/1/allOf/0/properties/export/properties/placings/items/properties/epoch/maximu\
m",keyword:"maximum",params:{comparison:"<=",limit:9007199254740991}};r===null?r=[x]:r.push(x),e++}else if(y<0||isNaN(y)){let x={instancePath:s+"/export/placing\
s/"+v+"/epoch",schemaPath:"#/anyOf/1/allOf/0/properties/export/properties/placings/items/properties/epoch/minimum",keyword:"minimum",params:{comparison:">=",limit:0}};
r===null?r=[x]:r.push(x),e++}}var H=N===e}else var H=!0}}}else{let h={instancePath:s+"/export/placings/"+v,schemaPath:"#/anyOf/1/allOf/0/properties/export/prope\
rties/placings/items/type",keyword:"type",params:{type:"object"}};r===null?r=[h]:r.push(h),e++}var be=f===e;if(!be)break}}else{let g={instancePath:s+"/export/pl\
acings",schemaPath:"#/anyOf/1/allOf/0/properties/export/properties/placings/type",keyword:"type",params:{type:"array"}};r===null?r=[g]:r.push(g),e++}var q=m===e}else
var q=!0;if(q)if(d.placing!==void 0&&i.call(d,"placing")){let u=d.placing,m=e;if(e===m)if(u&&typeof u=="object"&&!Array.isArray(u)){let g;if((u.folder===void 0||
!i.call(u,"folder"))&&(g="folder")||(u.files===void 0||!i.call(u,"files"))&&(g="files")){let v={instancePath:s+"/export/placing",schemaPath:"#/anyOf/1/allOf/0/p\
roperties/export/properties/placing/required",keyword:"required",params:{missingProperty:g}};r===null?r=[v]:r.push(v),e++}else{if(u.folder!==void 0&&i.call(u,"f\
older")){let v=e;if(typeof u.folder!="string"){let l={instancePath:s+"/export/placing/folder",schemaPath:"#/anyOf/1/allOf/0/properties/export/properties/placing\
/properties/folder/type",keyword:"type",params:{type:"string"}};r===null?r=[l]:r.push(l),e++}var ae=v===e}else var ae=!0;if(ae)if(u.files!==void 0&&i.call(u,"fi\
les")){let v=u.files,l=e;if(e===l)if(Array.isArray(v)){var Pe=!0;let b=v.length;for(let h=0;h<b;h++){let y=e;if(typeof v[h]!="string"){let V={instancePath:s+"/e\
xport/placing/files/"+h,schemaPath:"#/anyOf/1/allOf/0/properties/export/properties/placing/properties/files/items/type",keyword:"type",params:{type:"string"}};r===
null?r=[V]:r.push(V),e++}var Pe=y===e;if(!Pe)break}}else{let b={instancePath:s+"/export/placing/files",schemaPath:"#/anyOf/1/allOf/0/properties/export/propertie\
s/placing/properties/files/type",keyword:"type",params:{type:"array"}};r===null?r=[b]:r.push(b),e++}var ae=l===e}else var ae=!0}}else{let g={instancePath:s+"/ex\
port/placing",schemaPath:"#/anyOf/1/allOf/0/properties/export/properties/placing/type",keyword:"type",params:{type:"object"}};r===null?r=[g]:r.push(g),e++}var q=m===
e}else var q=!0}}}}}}}}}}else{let c={instancePath:s+"/export",schemaPath:"#/anyOf/1/allOf/0/properties/export/type",keyword:"type",params:{type:"object"}};r===null?
r=[c]:r.push(c),e++}var G=o===e}else var G=!0}}}else{let z={instancePath:s,schemaPath:"#/anyOf/1/allOf/0/type",keyword:"type",params:{type:"object"}};r===null?r=
[z]:r.push(z),e++}var pe=t===e;if(pe){let z=e,d=e,o=e;if(p&&typeof p=="object"&&!Array.isArray(p)){let c;if((p.import===void 0||!i.call(p,"import"))&&(c="import")){
let u={};r===null?r=[u]:r.push(u),e++}}var Ne=o===e;if(Ne){let c={instancePath:s,schemaPath:"#/anyOf/1/allOf/1/not",keyword:"not",params:{}};r===null?r=[c]:r.push(
c),e++}else e=d,r!==null&&(d?r.length=d:r=null);var pe=z===e;if(pe){let c=e,u=e,m=e;if(p&&typeof p=="object"&&!Array.isArray(p)){let g;if((p.parts===void 0||!i.
call(p,"parts"))&&(g="parts")){let v={};r===null?r=[v]:r.push(v),e++}}var qe=m===e;if(qe){let g={instancePath:s,schemaPath:"#/anyOf/1/allOf/2/not",keyword:"not",
params:{}};r===null?r=[g]:r.push(g),e++}else e=u,r!==null&&(u?r.length=u:r=null);var pe=c===e}}var te=F===e;if(U=U||te,!U){let z=e,d=e;if(e===d)if(p&&typeof p==
"object"&&!Array.isArray(p)){let n;if((p.state===void 0||!i.call(p,"state"))&&(n="state")||(p.kind===void 0||!i.call(p,"kind"))&&(n="kind")||(p.watched===void 0||
!i.call(p,"watched"))&&(n="watched")||(p.job===void 0||!i.call(p,"job"))&&(n="job")){let c={instancePath:s,schemaPath:"#/anyOf/2/allOf/0/required",keyword:"requ\
ired",params:{missingProperty:n}};r===null?r=[c]:r.push(c),e++}else{if(p.state!==void 0&&i.call(p,"state")){let c=p.state,u=e;if(!(c==="running"||c==="completed"||
c==="failed"||c==="cancelled"||c==="interrupted")){let m={instancePath:s+"/state",schemaPath:"#/anyOf/2/allOf/0/properties/state/enum",keyword:"enum",params:{allowedValues:S.
anyOf[2].allOf[0].properties.state.enum}};r===null?r=[m]:r.push(m),e++}var K=u===e}else var K=!0;if(K){if(p.kind!==void 0&&i.call(p,"kind")){let c=p.kind,u=e;if(!(c===
"import"||c==="export")){let a={instancePath:s+"/kind",schemaPath:"#/anyOf/2/allOf/0/properties/kind/enum",keyword:"enum",params:{allowedValues:S.anyOf[2].allOf[0].
properties.kind.enum}};r===null?r=[a]:r.push(a),e++}var K=u===e}else var K=!0;if(K){if(p.watched!==void 0&&i.call(p,"watched")){let c=e;if(p.watched!==!0){let m={
instancePath:s+"/watched",schemaPath:"#/anyOf/2/allOf/0/properties/watched/enum",keyword:"enum",params:{allowedValues:S.anyOf[2].allOf[0].properties.watched.enum}};
r===null?r=[m]:r.push(m),e++}var K=c===e}else var K=!0;if(K)if(p.job!==void 0&&i.call(p,"job")){let c=p.job,u=e;if(e===u&&!(c&&typeof c=="object"&&!Array.isArray(
c))){let a={instancePath:s+"/job",schemaPath:"#/anyOf/2/allOf/0/properties/job/type",keyword:"type",params:{type:"object"}};r===null?r=[a]:r.push(a),e++}var K=u===
e}else var K=!0}}}}else{let n={instancePath:s,schemaPath:"#/anyOf/2/allOf/0/type",keyword:"type",params:{type:"object"}};r===null?r=[n]:r.push(n),e++}var ee=d===
e;if(ee){let n=e,c=e,u=e;if(p&&typeof p=="object"&&!Array.isArray(p)){let a;if((p.import===void 0||!i.call(p,"import"))&&(a="import")){let g={};r===null?r=[g]:r.
push(g),e++}}var Ie=u===e;if(Ie){let a={instancePath:s,schemaPath:"#/anyOf/2/allOf/1/not",keyword:"not",params:{}};r===null?r=[a]:r.push(a),e++}else e=c,r!==null&&
(c?r.length=c:r=null);var ee=n===e;if(ee){let a=e,g=e,v=e;if(p&&typeof p=="object"&&!Array.isArray(p)){let f;if((p.export===void 0||!i.call(p,"export"))&&(f="ex\
port")){let b={};r===null?r=[b]:r.push(b),e++}}var Fe=v===e;if(Fe){let f={instancePath:s,schemaPath:"#/anyOf/2/allOf/2/not",keyword:"not",params:{}};r===null?r=
[f]:r.push(f),e++}else e=g,r!==null&&(g?r.length=g:r=null);var ee=a===e;if(ee){let f=e,b=e,h=e;if(p&&typeof p=="object"&&!Array.isArray(p)){let N;if((p.parts===
void 0||!i.call(p,"parts"))&&(N="parts")){let V={};r===null?r=[V]:r.push(V),e++}}var Ve=h===e;if(Ve){let N={instancePath:s,schemaPath:"#/anyOf/2/allOf/3/not",keyword:"\
not",params:{}};r===null?r=[N]:r.push(N),e++}else e=b,r!==null&&(b?r.length=b:r=null);var ee=f===e}}}var te=z===e;U=U||te}}if(U)e=Z,r!==null&&(Z?r.length=Z:r=null);else{
let F={instancePath:s,schemaPath:"#/anyOf",keyword:"anyOf",params:{}};return r===null?r=[F]:r.push(F),e++,k.errors=r,!1}if(e===0)if(p&&typeof p=="object"&&!Array.
isArray(p)){let F;if((p.schema===void 0||!i.call(p,"schema"))&&(F="schema")||(p.id===void 0||!i.call(p,"id"))&&(F="id")||(p.created===void 0||!i.call(p,"created"))&&
(F="created")||(p.updated===void 0||!i.call(p,"updated"))&&(F="updated")||(p.account===void 0||!i.call(p,"account"))&&(F="account")||(p.region===void 0||!i.call(
p,"region"))&&(F="region")||(p.projectId===void 0||!i.call(p,"projectId"))&&(F="projectId")||(p.notified===void 0||!i.call(p,"notified"))&&(F="notified"))return k.
errors=[{instancePath:s,schemaPath:"#/required",keyword:"required",params:{missingProperty:F}}],!1;if(p.schema!==void 0&&i.call(p,"schema")){let t=p.schema,A=e;
if(!(t===1||t===2||t===3))return k.errors=[{instancePath:s+"/schema",schemaPath:"#/properties/schema/enum",keyword:"enum",params:{allowedValues:S.properties.schema.
enum}}],!1;var P=A===e}else var P=!0;if(P){if(p.id!==void 0&&i.call(p,"id")){let t=e;if(typeof p.id!="string")return k.errors=[{instancePath:s+"/id",schemaPath:"\
#/properties/id/type",keyword:"type",params:{type:"string"}}],!1;var P=t===e}else var P=!0;if(P){if(p.created!==void 0&&i.call(p,"created")){let t=e;if(typeof p.
created!="string")return k.errors=[{instancePath:s+"/created",schemaPath:"#/properties/created/type",keyword:"type",params:{type:"string"}}],!1;var P=t===e}else
var P=!0;if(P){if(p.updated!==void 0&&i.call(p,"updated")){let t=e;if(typeof p.updated!="string")return k.errors=[{instancePath:s+"/updated",schemaPath:"#/prope\
rties/updated/type",keyword:"type",params:{type:"string"}}],!1;var P=t===e}else var P=!0;if(P){if(p.account!==void 0&&i.call(p,"account")){let t=e;if(typeof p.account!=
"string")return k.errors=[{instancePath:s+"/account",schemaPath:"#/properties/account/type",keyword:"type",params:{type:"string"}}],!1;var P=t===e}else var P=!0;
if(P){if(p.region!==void 0&&i.call(p,"region")){let t=e;if(typeof p.region!="string")return k.errors=[{instancePath:s+"/region",schemaPath:"#/properties/region/\
type",keyword:"type",params:{type:"string"}}],!1;var P=t===e}else var P=!0;if(P){if(p.projectId!==void 0&&i.call(p,"projectId")){let t=e;if(typeof p.projectId!=
"string")return k.errors=[{instancePath:s+"/projectId",schemaPath:"#/properties/projectId/type",keyword:"type",params:{type:"string"}}],!1;var P=t===e}else var P=!0;
if(P){if(p.notified!==void 0&&i.call(p,"notified")){let t=e;if(typeof p.notified!="boolean")return k.errors=[{instancePath:s+"/notified",schemaPath:"#/propertie\
s/notified/type",keyword:"type",params:{type:"boolean"}}],!1;var P=t===e}else var P=!0;if(P){if(p.queued!==void 0&&i.call(p,"queued")){let t=p.queued,A=e;if(e===
A)if(typeof t=="number"&&isFinite(t)){if(t>864e13||isNaN(t))return k.errors=[{instancePath:s+"/queued",schemaPath:"#/properties/queued/maximum",keyword:"maximum",
params:{comparison:"<=",limit:864e13}}],!1;if(t<-864e13||isNaN(t))return k.errors=[{instancePath:s+"/queued",schemaPath:"#/properties/queued/minimum",keyword:"m\
inimum",params:{comparison:">=",limit:-864e13}}],!1}else return k.errors=[{instancePath:s+"/queued",schemaPath:"#/properties/queued/type",keyword:"type",params:{
type:"number"}}],!1;var P=A===e}else var P=!0;if(P){if(p.retryAt!==void 0&&i.call(p,"retryAt")){let t=p.retryAt,A=e;if(e===A)if(typeof t=="number"&&isFinite(t)){
if(t>864e13||isNaN(t))return k.errors=[{instancePath:s+"/retryAt",schemaPath:"#/properties/retryAt/maximum",keyword:"maximum",params:{comparison:"<=",limit:864e13}}],
!1;if(t<-864e13||isNaN(t))return k.errors=[{instancePath:s+"/retryAt",schemaPath:"#/properties/retryAt/minimum",keyword:"minimum",params:{comparison:">=",limit:-864e13}}],
!1}else return k.errors=[{instancePath:s+"/retryAt",schemaPath:"#/properties/retryAt/type",keyword:"type",params:{type:"number"}}],!1;var P=A===e}else var P=!0;
if(P){if(p.asked!==void 0&&i.call(p,"asked")){let t=p.asked,A=e;if(e===A)if(typeof t=="number"&&isFinite(t)){if(t>864e13||isNaN(t))return k.errors=[{instancePath:s+
"/asked",schemaPath:"#/properties/asked/maximum",keyword:"maximum",params:{comparison:"<=",limit:864e13}}],!1;if(t<-864e13||isNaN(t))return k.errors=[{instancePath:s+
"/asked",schemaPath:"#/properties/asked/minimum",keyword:"minimum",params:{comparison:">=",limit:-864e13}}],!1}else return k.errors=[{instancePath:s+"/asked",schemaPath:"\
#/properties/asked/type",keyword:"type",params:{type:"number"}}],!1;var P=A===e}else var P=!0;if(P){if(p.attempt!==void 0&&i.call(p,"attempt")){let t=p.attempt,
A=e;if(!(typeof t=="number"&&!(t%1)&&!isNaN(t)&&isFinite(t)))return k.errors=[{instancePath:s+"/attempt",schemaPath:"#/properties/attempt/type",keyword:"type",params:{
type:"integer"}}],!1;if(e===A&&typeof t=="number"&&isFinite(t)){if(t>9007199254740991||isNaN(t))return k.errors=[{instancePath:s+"/attempt",schemaPath:"#/proper\
ties/attempt/maximum",keyword:"maximum",params:{comparison:"<=",limit:9007199254740991}}],!1;if(t<0||isNaN(t))return k.errors=[{instancePath:s+"/attempt",schemaPath:"\
#/properties/attempt/minimum",keyword:"minimum",params:{comparison:">=",limit:0}}],!1}var P=A===e}else var P=!0;if(P){if(p.before!==void 0&&i.call(p,"before")){
let t=p.before,A=e;if(e===A)if(Array.isArray(t)){var we=!0;let d=t.length;for(let o=0;o<d;o++){let n=e;if(typeof t[o]!="string")return k.errors=[{instancePath:s+
"/before/"+o,schemaPath:"#/properties/before/items/type",keyword:"type",params:{type:"string"}}],!1;var we=n===e;if(!we)break}}else return k.errors=[{instancePath:s+
"/before",schemaPath:"#/properties/before/type",keyword:"type",params:{type:"array"}}],!1;var P=A===e}else var P=!0;if(P){if(p.doubles!==void 0&&i.call(p,"doubl\
es")){let t=p.doubles,A=e;if(e===A)if(Array.isArray(t)){var Oe=!0;let d=t.length;for(let o=0;o<d;o++){let n=t[o],c=e;if(e===c)if(n&&typeof n=="object"&&!Array.isArray(
n)){let m;if((n.id===void 0||!i.call(n,"id"))&&(m="id"))return k.errors=[{instancePath:s+"/doubles/"+o,schemaPath:"#/properties/doubles/items/required",keyword:"\
required",params:{missingProperty:m}}],!1;if(n.id!==void 0&&i.call(n,"id")){let a=e;if(typeof n.id!="string")return k.errors=[{instancePath:s+"/doubles/"+o+"/id",
schemaPath:"#/properties/doubles/items/properties/id/type",keyword:"type",params:{type:"string"}}],!1;var L=a===e}else var L=!0;if(L){if(n.segmentId!==void 0&&i.
call(n,"segmentId")){let a=e;if(typeof n.segmentId!="string")return k.errors=[{instancePath:s+"/doubles/"+o+"/segmentId",schemaPath:"#/properties/doubles/items/\
properties/segmentId/type",keyword:"type",params:{type:"string"}}],!1;var L=a===e}else var L=!0;if(L)if(n.segmentName!==void 0&&i.call(n,"segmentName")){let a=e;
if(typeof n.segmentName!="string")return k.errors=[{instancePath:s+"/doubles/"+o+"/segmentName",schemaPath:"#/properties/doubles/items/properties/segmentName/ty\
pe",keyword:"type",params:{type:"string"}}],!1;var L=a===e}else var L=!0}}else return k.errors=[{instancePath:s+"/doubles/"+o,schemaPath:"#/properties/doubles/i\
tems/type",keyword:"type",params:{type:"object"}}],!1;var Oe=c===e;if(!Oe)break}}else return k.errors=[{instancePath:s+"/doubles",schemaPath:"#/properties/doubl\
es/type",keyword:"type",params:{type:"array"}}],!1;var P=A===e}else var P=!0;if(P){if(p.job!==void 0&&i.call(p,"job")){let t=p.job,A=e;if(e===A)if(t&&typeof t==
"object"&&!Array.isArray(t)){let d;if((t.id===void 0||!i.call(t,"id"))&&(d="id")||(t.projectId===void 0||!i.call(t,"projectId"))&&(d="projectId")||(t.kind===void 0||
!i.call(t,"kind"))&&(d="kind")||(t.status===void 0||!i.call(t,"status"))&&(d="status")||(t.created===void 0||!i.call(t,"created"))&&(d="created")||(t.failures===
void 0||!i.call(t,"failures"))&&(d="failures"))return k.errors=[{instancePath:s+"/job",schemaPath:"#/properties/job/required",keyword:"required",params:{missingProperty:d}}],
!1;if(t.id!==void 0&&i.call(t,"id")){let o=e;if(typeof t.id!="string")return k.errors=[{instancePath:s+"/job/id",schemaPath:"#/properties/job/properties/id/type",
keyword:"type",params:{type:"string"}}],!1;var j=o===e}else var j=!0;if(j){if(t.projectId!==void 0&&i.call(t,"projectId")){let o=e;if(typeof t.projectId!="strin\
g")return k.errors=[{instancePath:s+"/job/projectId",schemaPath:"#/properties/job/properties/projectId/type",keyword:"type",params:{type:"string"}}],!1;var j=o===
e}else var j=!0;if(j){if(t.kind!==void 0&&i.call(t,"kind")){let o=t.kind,n=e;if(!(o==="import"||o==="export"))return k.errors=[{instancePath:s+"/job/kind",schemaPath:"\
#/properties/job/properties/kind/enum",keyword:"enum",params:{allowedValues:S.properties.job.properties.kind.enum}}],!1;var j=n===e}else var j=!0;if(j){if(t.status!==
void 0&&i.call(t,"status")){let o=e;if(typeof t.status!="string")return k.errors=[{instancePath:s+"/job/status",schemaPath:"#/properties/job/properties/status/t\
ype",keyword:"type",params:{type:"string"}}],!1;var j=o===e}else var j=!0;if(j){if(t.created!==void 0&&i.call(t,"created")){let o=e;if(typeof t.created!="string")
return k.errors=[{instancePath:s+"/job/created",schemaPath:"#/properties/job/properties/created/type",keyword:"type",params:{type:"string"}}],!1;var j=o===e}else
var j=!0;if(j){if(t.failures!==void 0&&i.call(t,"failures")){let o=t.failures,n=e;if(e===n)if(Array.isArray(o)){var je=!0;let u=o.length;for(let m=0;m<u;m++){let a=e;
if(typeof o[m]!="string")return k.errors=[{instancePath:s+"/job/failures/"+m,schemaPath:"#/properties/job/properties/failures/items/type",keyword:"type",params:{
type:"string"}}],!1;var je=a===e;if(!je)break}}else return k.errors=[{instancePath:s+"/job/failures",schemaPath:"#/properties/job/properties/failures/type",keyword:"\
type",params:{type:"array"}}],!1;var j=n===e}else var j=!0;if(j){if(t.completed!==void 0&&i.call(t,"completed")){let o=e;if(typeof t.completed!="string")return k.
errors=[{instancePath:s+"/job/completed",schemaPath:"#/properties/job/properties/completed/type",keyword:"type",params:{type:"string"}}],!1;var j=o===e}else var j=!0;
if(j){if(t.totalPieces!==void 0&&i.call(t,"totalPieces")){let o=t.totalPieces,n=e;if(!(typeof o=="number"&&isFinite(o)))return k.errors=[{instancePath:s+"/job/t\
otalPieces",schemaPath:"#/properties/job/properties/totalPieces/type",keyword:"type",params:{type:"number"}}],!1;var j=n===e}else var j=!0;if(j){if(t.completedPieces!==
void 0&&i.call(t,"completedPieces")){let o=t.completedPieces,n=e;if(!(typeof o=="number"&&isFinite(o)))return k.errors=[{instancePath:s+"/job/completedPieces",schemaPath:"\
#/properties/job/properties/completedPieces/type",keyword:"type",params:{type:"number"}}],!1;var j=n===e}else var j=!0;if(j){if(t.failedPieces!==void 0&&i.call(
t,"failedPieces")){let o=t.failedPieces,n=e;if(!(typeof o=="number"&&isFinite(o)))return k.errors=[{instancePath:s+"/job/failedPieces",schemaPath:"#/properties/\
job/properties/failedPieces/type",keyword:"type",params:{type:"number"}}],!1;var j=n===e}else var j=!0;if(j){if(t.totalProcessed!==void 0&&i.call(t,"totalProces\
sed")){let o=t.totalProcessed,n=e;if(!(typeof o=="number"&&isFinite(o)))return k.errors=[{instancePath:s+"/job/totalProcessed",schemaPath:"#/properties/job/prop\
erties/totalProcessed/type",keyword:"type",params:{type:"number"}}],!1;var j=n===e}else var j=!0;if(j){if(t.totalFailures!==void 0&&i.call(t,"totalFailures")){let o=t.
totalFailures,n=e;if(!(typeof o=="number"&&isFinite(o)))return k.errors=[{instancePath:s+"/job/totalFailures",schemaPath:"#/properties/job/properties/totalFailu\
res/type",keyword:"type",params:{type:"number"}}],!1;var j=n===e}else var j=!0;if(j){if(t.s3Url!==void 0&&i.call(t,"s3Url")){let o=e;if(typeof t.s3Url!="string")
return k.errors=[{instancePath:s+"/job/s3Url",schemaPath:"#/properties/job/properties/s3Url/type",keyword:"type",params:{type:"string"}}],!1;var j=o===e}else var j=!0;
if(j){if(t.segmentId!==void 0&&i.call(t,"segmentId")){let o=e;if(typeof t.segmentId!="string")return k.errors=[{instancePath:s+"/job/segmentId",schemaPath:"#/pr\
operties/job/properties/segmentId/type",keyword:"type",params:{type:"string"}}],!1;var j=o===e}else var j=!0;if(j){if(t.segmentName!==void 0&&i.call(t,"segmentN\
ame")){let o=e;if(typeof t.segmentName!="string")return k.errors=[{instancePath:s+"/job/segmentName",schemaPath:"#/properties/job/properties/segmentName/type",keyword:"\
type",params:{type:"string"}}],!1;var j=o===e}else var j=!0;if(j)if(t.format!==void 0&&i.call(t,"format")){let o=e;if(typeof t.format!="string")return k.errors=
[{instancePath:s+"/job/format",schemaPath:"#/properties/job/properties/format/type",keyword:"type",params:{type:"string"}}],!1;var j=o===e}else var j=!0}}}}}}}}}}}}}}}else
return k.errors=[{instancePath:s+"/job",schemaPath:"#/properties/job/type",keyword:"type",params:{type:"object"}}],!1;var P=A===e}else var P=!0;if(P){if(p.adopted!==
void 0&&i.call(p,"adopted")){let t=e;if(typeof p.adopted!="boolean")return k.errors=[{instancePath:s+"/adopted",schemaPath:"#/properties/adopted/type",keyword:"\
type",params:{type:"boolean"}}],!1;var P=t===e}else var P=!0;if(P){if(p.earlierJobs!==void 0&&i.call(p,"earlierJobs")){let t=p.earlierJobs,A=e;if(e===A)if(Array.
isArray(t)){var _e=!0;let d=t.length;for(let o=0;o<d;o++){let n=e;if(typeof t[o]!="string")return k.errors=[{instancePath:s+"/earlierJobs/"+o,schemaPath:"#/prop\
erties/earlierJobs/items/type",keyword:"type",params:{type:"string"}}],!1;var _e=n===e;if(!_e)break}}else return k.errors=[{instancePath:s+"/earlierJobs",schemaPath:"\
#/properties/earlierJobs/type",keyword:"type",params:{type:"array"}}],!1;var P=A===e}else var P=!0;if(P){if(p.error!==void 0&&i.call(p,"error")){let t=p.error,A=e;
if(e===A)if(t&&typeof t=="object"&&!Array.isArray(t)){let d;if((t.code===void 0||!i.call(t,"code"))&&(d="code")||(t.message===void 0||!i.call(t,"message"))&&(d=
"message"))return k.errors=[{instancePath:s+"/error",schemaPath:"#/properties/error/required",keyword:"required",params:{missingProperty:d}}],!1;if(t.code!==void 0&&
i.call(t,"code")){let o=e;if(typeof t.code!="string")return k.errors=[{instancePath:s+"/error/code",schemaPath:"#/properties/error/properties/code/type",keyword:"\
type",params:{type:"string"}}],!1;var Q=o===e}else var Q=!0;if(Q){if(t.message!==void 0&&i.call(t,"message")){let o=e;if(typeof t.message!="string")return k.errors=
[{instancePath:s+"/error/message",schemaPath:"#/properties/error/properties/message/type",keyword:"type",params:{type:"string"}}],!1;var Q=o===e}else var Q=!0;if(Q)
if(t.help!==void 0&&i.call(t,"help")){let o=e;if(typeof t.help!="string")return k.errors=[{instancePath:s+"/error/help",schemaPath:"#/properties/error/propertie\
s/help/type",keyword:"type",params:{type:"string"}}],!1;var Q=o===e}else var Q=!0}}else return k.errors=[{instancePath:s+"/error",schemaPath:"#/properties/error\
/type",keyword:"type",params:{type:"object"}}],!1;var P=A===e}else var P=!0;if(P){if(p.epoch!==void 0&&i.call(p,"epoch")){let t=p.epoch,A=e;if(!(typeof t=="numb\
er"&&!(t%1)&&!isNaN(t)&&isFinite(t)))return k.errors=[{instancePath:s+"/epoch",schemaPath:"#/properties/epoch/type",keyword:"type",params:{type:"integer"}}],!1;
if(e===A&&typeof t=="number"&&isFinite(t)){if(t>9007199254740991||isNaN(t))return k.errors=[{instancePath:s+"/epoch",schemaPath:"#/properties/epoch/maximum",keyword:"\
maximum",params:{comparison:"<=",limit:9007199254740991}}],!1;if(t<0||isNaN(t))return k.errors=[{instancePath:s+"/epoch",schemaPath:"#/properties/epoch/minimum",
keyword:"minimum",params:{comparison:">=",limit:0}}],!1}var P=A===e}else var P=!0;if(P){if(p.ended!==void 0&&i.call(p,"ended")){let t=e;if(typeof p.ended!="stri\
ng")return k.errors=[{instancePath:s+"/ended",schemaPath:"#/properties/ended/type",keyword:"type",params:{type:"string"}}],!1;var P=t===e}else var P=!0;if(P){if(p.
endpointUrl!==void 0&&i.call(p,"endpointUrl")){let t=e;if(typeof p.endpointUrl!="string")return k.errors=[{instancePath:s+"/endpointUrl",schemaPath:"#/propertie\
s/endpointUrl/type",keyword:"type",params:{type:"string"}}],!1;var P=t===e}else var P=!0;if(P){if(p.projectName!==void 0&&i.call(p,"projectName")){let t=e;if(typeof p.
projectName!="string")return k.errors=[{instancePath:s+"/projectName",schemaPath:"#/properties/projectName/type",keyword:"type",params:{type:"string"}}],!1;var P=t===
e}else var P=!0;if(P)if(p.trouble!==void 0&&i.call(p,"trouble")){let t=p.trouble,A=e;if(e===A)if(t&&typeof t=="object"&&!Array.isArray(t)){let d;if((t.code===void 0||
!i.call(t,"code"))&&(d="code")||(t.message===void 0||!i.call(t,"message"))&&(d="message"))return k.errors=[{instancePath:s+"/trouble",schemaPath:"#/properties/t\
rouble/required",keyword:"required",params:{missingProperty:d}}],!1;if(t.code!==void 0&&i.call(t,"code")){let o=e;if(typeof t.code!="string")return k.errors=[{instancePath:s+
"/trouble/code",schemaPath:"#/properties/trouble/properties/code/type",keyword:"type",params:{type:"string"}}],!1;var W=o===e}else var W=!0;if(W){if(t.message!==
void 0&&i.call(t,"message")){let o=e;if(typeof t.message!="string")return k.errors=[{instancePath:s+"/trouble/message",schemaPath:"#/properties/trouble/properti\
es/message/type",keyword:"type",params:{type:"string"}}],!1;var W=o===e}else var W=!0;if(W)if(t.help!==void 0&&i.call(t,"help")){let o=e;if(typeof t.help!="stri\
ng")return k.errors=[{instancePath:s+"/trouble/help",schemaPath:"#/properties/trouble/properties/help/type",keyword:"type",params:{type:"string"}}],!1;var W=o===
e}else var W=!0}}else return k.errors=[{instancePath:s+"/trouble",schemaPath:"#/properties/trouble/type",keyword:"type",params:{type:"object"}}],!1;var P=A===e}else
var P=!0}}}}}}}}}}}}}}}}}}}}}}else return k.errors=[{instancePath:s,schemaPath:"#/type",keyword:"type",params:{type:"object"}}],!1;return k.errors=r,e===0}var Ke=re;function re(p,{instancePath:s="",parentData:Y,parentDataProperty:se,rootData:T=p}={}){let r=null,e=0;if(e===0)if(p&&typeof p=="object"&&!Array.isArray(p)){let Z;
if((p.schema===void 0||!i.call(p,"schema"))&&(Z="schema"))return re.errors=[{instancePath:s,schemaPath:"#/required",keyword:"required",params:{missingProperty:Z}}],
!1;if(p.schema!==void 0&&i.call(p,"schema")){let U=p.schema;if(e===e)if(typeof U=="number"&&isFinite(U)){if(U<=3||isNaN(U))return re.errors=[{instancePath:s+"/s\
chema",schemaPath:"#/properties/schema/exclusiveMinimum",keyword:"exclusiveMinimum",params:{comparison:">",limit:3}}],!1}else return re.errors=[{instancePath:s+
"/schema",schemaPath:"#/properties/schema/type",keyword:"type",params:{type:"number"}}],!1}}else return re.errors=[{instancePath:s,schemaPath:"#/type",keyword:"\
type",params:{type:"object"}}],!1;return re.errors=r,e===0}return Ee(Re);})();
export const isRunRecord: Validator = validators.isRunRecord;
export const isNewerRecord: Validator = validators.isNewerRecord;
