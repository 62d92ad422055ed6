// @ts-nocheck
// Made by `node tools/validators.ts`.
import type { ErrorObject } from 'ajv';
interface Validator {
  (value: unknown): boolean;
  readonly errors?: readonly ErrorObject[] | null;
}
"use strict";var validators=(()=>{var H=Object.defineProperty;var Z=Object.getOwnPropertyDescriptor;var ee=Object.getOwnPropertyNames;var re=Object.prototype.hasOwnProperty;var se=(n,t)=>{for(var V in t)H(n,V,{get:t[V],enumerable:!0})},te=(n,t,V,$)=>{if(t&&typeof t=="object"||typeof t=="function")for(let C of ee(t))!re.call(n,C)&&C!==
V&&H(n,C,{get:()=>t[C],enumerable:!($=Z(t,C))||$.enumerable});return n};var ie=n=>te(H({},"__esModule",{value:!0}),n);var oe={};se(oe,{isFaultSettings:()=>ae});var ae=f,U={type:"object",additionalProperties:!1,properties:{rules:{description:"a list of { service?, method?, path?\
, skip?, count?, fault: { kind, \u2026 } }",type:"array",items:{type:"object",properties:{service:{type:"string"},method:{type:"string"},path:{type:"string"},skip:{
type:"integer",minimum:0},count:{anyOf:[{type:"null"},{type:"integer",minimum:0}]},fault:{anyOf:[{type:"object",properties:{kind:{const:"throttle"}},required:["\
kind"],additionalProperties:!1},{type:"object",properties:{kind:{const:"server-error"}},required:["kind"],additionalProperties:!1},{type:"object",properties:{kind:{
const:"expired-credentials"}},required:["kind"],additionalProperties:!1},{type:"object",properties:{kind:{const:"access-denied"}},required:["kind"],additionalProperties:!1},
{type:"object",properties:{kind:{const:"slow"},delayMs:{type:"integer",minimum:0},bytesPerSecond:{type:"integer",minimum:1}},required:["kind"],additionalProperties:!1},
{type:"object",properties:{kind:{const:"cut-request"},afterBytes:{type:"integer",minimum:0}},required:["kind"],additionalProperties:!1},{type:"object",properties:{
kind:{const:"cut-answer"},afterBytes:{type:"integer",minimum:0}},required:["kind"],additionalProperties:!1}]}},required:["fault"],additionalProperties:!1}},jobs:{
description:'a list of { type?: "IMPORT" | "EXPORT", count? }',type:"array",items:{type:"object",properties:{type:{enum:["IMPORT","EXPORT"]},count:{type:"intege\
r",minimum:0}},required:[],additionalProperties:!1}},retired:{description:"true or false",type:"boolean"},segmentRefresh:{description:'"replace" or "append"',enum:[
"replace","append"]},paceMs:{description:"a whole number of milliseconds",type:"integer",minimum:0},importConcurrency:{description:"a whole number above 0",type:"\
integer",minimum:1}},$id:"isFaultSettings"},p=Object.prototype.hasOwnProperty;function f(n,{instancePath:t="",parentData:V,parentDataProperty:$,rootData:C=n}={}){
let r=null,e=0;if(e===0)if(n&&typeof n=="object"&&!Array.isArray(n)){let W=e;for(let a of Object.keys(n))if(!(a==="rules"||a==="jobs"||a==="retired"||a==="segme\
ntRefresh"||a==="paceMs"||a==="importConcurrency")){return f.errors=[{instancePath:t,schemaPath:"#/additionalProperties",keyword:"additionalProperties",params:{
additionalProperty:a}}],!1;break}if(W===e){if(n.rules!==void 0&&p.call(n,"rules")){let a=n.rules,_=e;if(e===_)if(Array.isArray(a)){var J=!0;let Y=a.length;for(let i=0;i<
Y;i++){let o=a[i],N=e;if(e===N)if(o&&typeof o=="object"&&!Array.isArray(o)){let Q;if((o.fault===void 0||!p.call(o,"fault"))&&(Q="fault"))return f.errors=[{instancePath:t+
"/rules/"+i,schemaPath:"#/properties/rules/items/required",keyword:"required",params:{missingProperty:Q}}],!1;{let G=e;for(let s of Object.keys(o))if(!(s==="ser\
vice"||s==="method"||s==="path"||s==="skip"||s==="count"||s==="fault")){return f.errors=[{instancePath:t+"/rules/"+i,schemaPath:"#/properties/rules/items/additi\
onalProperties",keyword:"additionalProperties",params:{additionalProperty:s}}],!1;break}if(G===e){if(o.service!==void 0&&p.call(o,"service")){let s=e;if(typeof o.
service!="string")return f.errors=[{instancePath:t+"/rules/"+i+"/service",schemaPath:"#/properties/rules/items/properties/service/type",keyword:"type",params:{type:"\
string"}}],!1;var h=s===e}else var h=!0;if(h){if(o.method!==void 0&&p.call(o,"method")){let s=e;if(typeof o.method!="string")return f.errors=[{instancePath:t+"/\
rules/"+i+"/method",schemaPath:"#/properties/rules/items/properties/method/type",keyword:"type",params:{type:"string"}}],!1;var h=s===e}else var h=!0;if(h){if(o.
path!==void 0&&p.call(o,"path")){let s=e;if(typeof o.path!="string")return f.errors=[{instancePath:t+"/rules/"+i+"/path",schemaPath:"#/properties/rules/items/pr\
operties/path/type",keyword:"type",params:{type:"string"}}],!1;var h=s===e}else var h=!0;if(h){if(o.skip!==void 0&&p.call(o,"skip")){let s=o.skip,q=e;if(!(typeof s==
"number"&&!(s%1)&&!isNaN(s)&&isFinite(s)))return f.errors=[{instancePath:t+"/rules/"+i+"/skip",schemaPath:"#/properties/rules/items/properties/skip/type",keyword:"\
type",params:{type:"integer"}}],!1;if(e===q&&typeof s=="number"&&isFinite(s)&&(s<0||isNaN(s)))return f.errors=[{instancePath:t+"/rules/"+i+"/skip",schemaPath:"#\
/properties/rules/items/properties/skip/minimum",keyword:"minimum",params:{comparison:">=",limit:0}}],!1;var h=q===e}else var h=!0;if(h){if(o.count!==void 0&&p.
call(o,"count")){let s=o.count,q=e,M=e,u=!1,I=e;if(s!==null){let y={instancePath:t+"/rules/"+i+"/count",schemaPath:"#/properties/rules/items/properties/count/an\
yOf/0/type",keyword:"type",params:{type:"null"}};r===null?r=[y]:r.push(y),e++}var z=I===e;if(u=u||z,!u){let y=e;if(!(typeof s=="number"&&!(s%1)&&!isNaN(s)&&isFinite(
s))){let c={instancePath:t+"/rules/"+i+"/count",schemaPath:"#/properties/rules/items/properties/count/anyOf/1/type",keyword:"type",params:{type:"integer"}};r===
null?r=[c]:r.push(c),e++}if(e===y&&typeof s=="number"&&isFinite(s)&&(s<0||isNaN(s))){let c={instancePath:t+"/rules/"+i+"/count",schemaPath:"#/properties/rules/i\
tems/properties/count/anyOf/1/minimum",keyword:"minimum",params:{comparison:">=",limit:0}};r===null?r=[c]:r.push(c),e++}var z=y===e;u=u||z}if(u)e=M,r!==null&&(M?
r.length=M:r=null);else{let y={instancePath:t+"/rules/"+i+"/count",schemaPath:"#/properties/rules/items/properties/count/anyOf",keyword:"anyOf",params:{}};return r===
null?r=[y]:r.push(y),e++,f.errors=r,!1}var h=q===e}else var h=!0;if(h)if(o.fault!==void 0&&p.call(o,"fault")){let s=o.fault,q=e,M=e,u=!1,I=e;if(e===I)if(s&&typeof s==
"object"&&!Array.isArray(s)){let y;if((s.kind===void 0||!p.call(s,"kind"))&&(y="kind")){let X={instancePath:t+"/rules/"+i+"/fault",schemaPath:"#/properties/rule\
s/items/properties/fault/anyOf/0/required",keyword:"required",params:{missingProperty:y}};r===null?r=[X]:r.push(X),e++}else{let X=e;for(let c of Object.keys(s))
if(c!=="kind"){let F={instancePath:t+"/rules/"+i+"/fault",schemaPath:"#/properties/rules/items/properties/fault/anyOf/0/additionalProperties",keyword:"additiona\
lProperties",params:{additionalProperty:c}};r===null?r=[F]:r.push(F),e++;break}if(X===e&&s.kind!==void 0&&p.call(s,"kind")&&s.kind!=="throttle"){let c={instancePath:t+
"/rules/"+i+"/fault/kind",schemaPath:"#/properties/rules/items/properties/fault/anyOf/0/properties/kind/const",keyword:"const",params:{allowedValue:"throttle"}};
r===null?r=[c]:r.push(c),e++}}}else{let y={instancePath:t+"/rules/"+i+"/fault",schemaPath:"#/properties/rules/items/properties/fault/anyOf/0/type",keyword:"type",
params:{type:"object"}};r===null?r=[y]:r.push(y),e++}var g=I===e;if(u=u||g,!u){let y=e;if(e===y)if(s&&typeof s=="object"&&!Array.isArray(s)){let c;if((s.kind===
void 0||!p.call(s,"kind"))&&(c="kind")){let F={instancePath:t+"/rules/"+i+"/fault",schemaPath:"#/properties/rules/items/properties/fault/anyOf/1/required",keyword:"\
required",params:{missingProperty:c}};r===null?r=[F]:r.push(F),e++}else{let F=e;for(let v of Object.keys(s))if(v!=="kind"){let B={instancePath:t+"/rules/"+i+"/f\
ault",schemaPath:"#/properties/rules/items/properties/fault/anyOf/1/additionalProperties",keyword:"additionalProperties",params:{additionalProperty:v}};r===null?
r=[B]:r.push(B),e++;break}if(F===e&&s.kind!==void 0&&p.call(s,"kind")&&s.kind!=="server-error"){let v={instancePath:t+"/rules/"+i+"/fault/kind",schemaPath:"#/pr\
operties/rules/items/properties/fault/anyOf/1/properties/kind/const",keyword:"const",params:{allowedValue:"server-error"}};r===null?r=[v]:r.push(v),e++}}}else{let c={
instancePath:t+"/rules/"+i+"/fault",schemaPath:"#/properties/rules/items/properties/fault/anyOf/1/type",keyword:"type",params:{type:"object"}};r===null?r=[c]:r.
push(c),e++}var g=y===e;if(u=u||g,!u){let c=e;if(e===c)if(s&&typeof s=="object"&&!Array.isArray(s)){let v;if((s.kind===void 0||!p.call(s,"kind"))&&(v="kind")){let B={
instancePath:t+"/rules/"+i+"/fault",schemaPath:"#/properties/rules/items/properties/fault/anyOf/2/required",keyword:"required",params:{missingProperty:v}};r===null?
r=[B]:r.push(B),e++}else{let B=e;for(let b of Object.keys(s))if(b!=="kind"){let R={instancePath:t+"/rules/"+i+"/fault",schemaPath:"#/properties/rules/items/prop\
erties/fault/anyOf/2/additionalProperties",keyword:"additionalProperties",params:{additionalProperty:b}};r===null?r=[R]:r.push(R),e++;break}if(B===e&&s.kind!==void 0&&
p.call(s,"kind")&&s.kind!=="expired-credentials"){let b={instancePath:t+"/rules/"+i+"/fault/kind",schemaPath:"#/properties/rules/items/properties/fault/anyOf/2/\
properties/kind/const",keyword:"const",params:{allowedValue:"expired-credentials"}};r===null?r=[b]:r.push(b),e++}}}else{let v={instancePath:t+"/rules/"+i+"/faul\
t",schemaPath:"#/properties/rules/items/properties/fault/anyOf/2/type",keyword:"type",params:{type:"object"}};r===null?r=[v]:r.push(v),e++}var g=c===e;if(u=u||g,
!u){let v=e;if(e===v)if(s&&typeof s=="object"&&!Array.isArray(s)){let b;if((s.kind===void 0||!p.call(s,"kind"))&&(b="kind")){let R={instancePath:t+"/rules/"+i+"\
/fault",schemaPath:"#/properties/rules/items/properties/fault/anyOf/3/required",keyword:"required",params:{missingProperty:b}};r===null?r=[R]:r.push(R),e++}else{
let R=e;for(let w of Object.keys(s))if(w!=="kind"){let S={instancePath:t+"/rules/"+i+"/fault",schemaPath:"#/properties/rules/items/properties/fault/anyOf/3/addi\
tionalProperties",keyword:"additionalProperties",params:{additionalProperty:w}};r===null?r=[S]:r.push(S),e++;break}if(R===e&&s.kind!==void 0&&p.call(s,"kind")&&
s.kind!=="access-denied"){let w={instancePath:t+"/rules/"+i+"/fault/kind",schemaPath:"#/properties/rules/items/properties/fault/anyOf/3/properties/kind/const",keyword:"\
const",params:{allowedValue:"access-denied"}};r===null?r=[w]:r.push(w),e++}}}else{let b={instancePath:t+"/rules/"+i+"/fault",schemaPath:"#/properties/rules/item\
s/properties/fault/anyOf/3/type",keyword:"type",params:{type:"object"}};r===null?r=[b]:r.push(b),e++}var g=v===e;if(u=u||g,!u){let b=e;if(e===b)if(s&&typeof s==
"object"&&!Array.isArray(s)){let w;if((s.kind===void 0||!p.call(s,"kind"))&&(w="kind")){let S={instancePath:t+"/rules/"+i+"/fault",schemaPath:"#/properties/rule\
s/items/properties/fault/anyOf/4/required",keyword:"required",params:{missingProperty:w}};r===null?r=[S]:r.push(S),e++}else{let S=e;for(let l of Object.keys(s))
if(!(l==="kind"||l==="delayMs"||l==="bytesPerSecond")){let P={instancePath:t+"/rules/"+i+"/fault",schemaPath:"#/properties/rules/items/properties/fault/anyOf/4/\
additionalProperties",keyword:"additionalProperties",params:{additionalProperty:l}};r===null?r=[P]:r.push(P),e++;break}if(S===e){if(s.kind!==void 0&&p.call(s,"k\
ind")){let l=e;if(s.kind!=="slow"){let P={instancePath:t+"/rules/"+i+"/fault/kind",schemaPath:"#/properties/rules/items/properties/fault/anyOf/4/properties/kind\
/const",keyword:"const",params:{allowedValue:"slow"}};r===null?r=[P]:r.push(P),e++}var A=l===e}else var A=!0;if(A){if(s.delayMs!==void 0&&p.call(s,"delayMs")){let l=s.
delayMs,P=e;if(!(typeof l=="number"&&!(l%1)&&!isNaN(l)&&isFinite(l))){let d={instancePath:t+"/rules/"+i+"/fault/delayMs",schemaPath:"#/properties/rules/items/pr\
operties/fault/anyOf/4/properties/delayMs/type",keyword:"type",params:{type:"integer"}};r===null?r=[d]:r.push(d),e++}if(e===P&&typeof l=="number"&&isFinite(l)&&
(l<0||isNaN(l))){let d={instancePath:t+"/rules/"+i+"/fault/delayMs",schemaPath:"#/properties/rules/items/properties/fault/anyOf/4/properties/delayMs/minimum",keyword:"\
minimum",params:{comparison:">=",limit:0}};r===null?r=[d]:r.push(d),e++}var A=P===e}else var A=!0;if(A)if(s.bytesPerSecond!==void 0&&p.call(s,"bytesPerSecond")){
let l=s.bytesPerSecond,P=e;if(!(typeof l=="number"&&!(l%1)&&!isNaN(l)&&isFinite(l))){let d={instancePath:t+"/rules/"+i+"/fault/bytesPerSecond",schemaPath:"#/pro\
perties/rules/items/properties/fault/anyOf/4/properties/bytesPerSecond/type",keyword:"type",params:{type:"integer"}};r===null?r=[d]:r.push(d),e++}if(e===P&&typeof l==
"number"&&isFinite(l)&&(l<1||isNaN(l))){let d={instancePath:t+"/rules/"+i+"/fault/bytesPerSecond",schemaPath:"#/properties/rules/items/properties/fault/anyOf/4/\
properties/bytesPerSecond/minimum",keyword:"minimum",params:{comparison:">=",limit:1}};r===null?r=[d]:r.push(d),e++}var A=P===e}else var A=!0}}}}else{let w={instancePath:t+
"/rules/"+i+"/fault",schemaPath:"#/properties/rules/items/properties/fault/anyOf/4/type",keyword:"type",params:{type:"object"}};r===null?r=[w]:r.push(w),e++}var g=b===
e;if(u=u||g,!u){let w=e;if(e===w)if(s&&typeof s=="object"&&!Array.isArray(s)){let l;if((s.kind===void 0||!p.call(s,"kind"))&&(l="kind")){let P={instancePath:t+"\
/rules/"+i+"/fault",schemaPath:"#/properties/rules/items/properties/fault/anyOf/5/required",keyword:"required",params:{missingProperty:l}};r===null?r=[P]:r.push(
P),e++}else{let P=e;for(let m of Object.keys(s))if(!(m==="kind"||m==="afterBytes")){let d={instancePath:t+"/rules/"+i+"/fault",schemaPath:"#/properties/rules/it\
ems/properties/fault/anyOf/5/additionalProperties",keyword:"additionalProperties",params:{additionalProperty:m}};r===null?r=[d]:r.push(d),e++;break}if(P===e){if(s.
kind!==void 0&&p.call(s,"kind")){let m=e;if(s.kind!=="cut-request"){let d={instancePath:t+"/rules/"+i+"/fault/kind",schemaPath:"#/properties/rules/items/propert\
ies/fault/anyOf/5/properties/kind/const",keyword:"const",params:{allowedValue:"cut-request"}};r===null?r=[d]:r.push(d),e++}var x=m===e}else var x=!0;if(x)if(s.afterBytes!==
void 0&&p.call(s,"afterBytes")){let m=s.afterBytes,d=e;if(!(typeof m=="number"&&!(m%1)&&!isNaN(m)&&isFinite(m))){let j={instancePath:t+"/rules/"+i+"/fault/after\
Bytes",schemaPath:"#/properties/rules/items/properties/fault/anyOf/5/properties/afterBytes/type",keyword:"type",params:{type:"integer"}};r===null?r=[j]:r.push(j),
e++}if(e===d&&typeof m=="number"&&isFinite(m)&&(m<0||isNaN(m))){let j={instancePath:t+"/rules/"+i+"/fault/afterBytes",schemaPath:"#/properties/rules/items/prope\
rties/fault/anyOf/5/properties/afterBytes/minimum",keyword:"minimum",params:{comparison:">=",limit:0}};r===null?r=[j]:r.push(j),e++}var x=d===e}else var x=!0}}}else{
let l={instancePath:t+"/rules/"+i+"/fault",schemaPath:"#/properties/rules/items/properties/fault/anyOf/5/type",keyword:"type",params:{type:"object"}};r===null?r=
[l]:r.push(l),e++}var g=w===e;if(u=u||g,!u){let l=e;if(e===l)if(s&&typeof s=="object"&&!Array.isArray(s)){let m;if((s.kind===void 0||!p.call(s,"kind"))&&(m="kin\
d")){let d={instancePath:t+"/rules/"+i+"/fault",schemaPath:"#/properties/rules/items/properties/fault/anyOf/6/required",keyword:"required",params:{missingProperty:m}};
r===null?r=[d]:r.push(d),e++}else{let d=e;for(let O of Object.keys(s))if(!(O==="kind"||O==="afterBytes")){let j={instancePath:t+"/rules/"+i+"/fault",schemaPath:"\
#/properties/rules/items/properties/fault/anyOf/6/additionalProperties",keyword:"additionalProperties",params:{additionalProperty:O}};r===null?r=[j]:r.push(j),e++;
break}if(d===e){if(s.kind!==void 0&&p.call(s,"kind")){let O=e;if(s.kind!=="cut-answer"){let j={instancePath:t+"/rules/"+i+"/fault/kind",schemaPath:"#/properties\
/rules/items/properties/fault/anyOf/6/properties/kind/const",keyword:"const",params:{allowedValue:"cut-answer"}};r===null?r=[j]:r.push(j),e++}var E=O===e}else var E=!0;
if(E)if(s.afterBytes!==void 0&&p.call(s,"afterBytes")){let O=s.afterBytes,j=e;if(!(typeof O=="number"&&!(O%1)&&!isNaN(O)&&isFinite(O))){let T={instancePath:t+"/\
rules/"+i+"/fault/afterBytes",schemaPath:"#/properties/rules/items/properties/fault/anyOf/6/properties/afterBytes/type",keyword:"type",params:{type:"integer"}};
r===null?r=[T]:r.push(T),e++}if(e===j&&typeof O=="number"&&isFinite(O)&&(O<0||isNaN(O))){let T={instancePath:t+"/rules/"+i+"/fault/afterBytes",schemaPath:"#/pro\
perties/rules/items/properties/fault/anyOf/6/properties/afterBytes/minimum",keyword:"minimum",params:{comparison:">=",limit:0}};r===null?r=[T]:r.push(T),e++}var E=j===
e}else var E=!0}}}else{let m={instancePath:t+"/rules/"+i+"/fault",schemaPath:"#/properties/rules/items/properties/fault/anyOf/6/type",keyword:"type",params:{type:"\
object"}};r===null?r=[m]:r.push(m),e++}var g=l===e;u=u||g}}}}}}if(u)e=M,r!==null&&(M?r.length=M:r=null);else{let y={instancePath:t+"/rules/"+i+"/fault",schemaPath:"\
#/properties/rules/items/properties/fault/anyOf",keyword:"anyOf",params:{}};return r===null?r=[y]:r.push(y),e++,f.errors=r,!1}var h=q===e}else var h=!0}}}}}}}else
return f.errors=[{instancePath:t+"/rules/"+i,schemaPath:"#/properties/rules/items/type",keyword:"type",params:{type:"object"}}],!1;var J=N===e;if(!J)break}}else
return f.errors=[{instancePath:t+"/rules",schemaPath:"#/properties/rules/type",keyword:"type",params:{type:"array"}}],!1;var k=_===e}else var k=!0;if(k){if(n.jobs!==
void 0&&p.call(n,"jobs")){let a=n.jobs,_=e;if(e===_)if(Array.isArray(a)){var K=!0;let i=a.length;for(let o=0;o<i;o++){let N=a[o],L=e;if(e===L)if(N&&typeof N=="o\
bject"&&!Array.isArray(N)){let G=e;for(let s of Object.keys(N))if(!(s==="type"||s==="count")){return f.errors=[{instancePath:t+"/jobs/"+o,schemaPath:"#/properti\
es/jobs/items/additionalProperties",keyword:"additionalProperties",params:{additionalProperty:s}}],!1;break}if(G===e){if(N.type!==void 0&&p.call(N,"type")){let s=N.
type,q=e;if(!(s==="IMPORT"||s==="EXPORT"))return f.errors=[{instancePath:t+"/jobs/"+o+"/type",schemaPath:"#/properties/jobs/items/properties/type/enum",keyword:"\
enum",params:{allowedValues:U.properties.jobs.items.properties.type.enum}}],!1;var D=q===e}else var D=!0;if(D)if(N.count!==void 0&&p.call(N,"count")){let s=N.count,
q=e;if(!(typeof s=="number"&&!(s%1)&&!isNaN(s)&&isFinite(s)))return f.errors=[{instancePath:t+"/jobs/"+o+"/count",schemaPath:"#/properties/jobs/items/properties\
/count/type",keyword:"type",params:{type:"integer"}}],!1;if(e===q&&typeof s=="number"&&isFinite(s)&&(s<0||isNaN(s)))return f.errors=[{instancePath:t+"/jobs/"+o+
"/count",schemaPath:"#/properties/jobs/items/properties/count/minimum",keyword:"minimum",params:{comparison:">=",limit:0}}],!1;var D=q===e}else var D=!0}}else return f.
errors=[{instancePath:t+"/jobs/"+o,schemaPath:"#/properties/jobs/items/type",keyword:"type",params:{type:"object"}}],!1;var K=L===e;if(!K)break}}else return f.errors=
[{instancePath:t+"/jobs",schemaPath:"#/properties/jobs/type",keyword:"type",params:{type:"array"}}],!1;var k=_===e}else var k=!0;if(k){if(n.retired!==void 0&&p.
call(n,"retired")){let a=e;if(typeof n.retired!="boolean")return f.errors=[{instancePath:t+"/retired",schemaPath:"#/properties/retired/type",keyword:"type",params:{
type:"boolean"}}],!1;var k=a===e}else var k=!0;if(k){if(n.segmentRefresh!==void 0&&p.call(n,"segmentRefresh")){let a=n.segmentRefresh,_=e;if(!(a==="replace"||a===
"append"))return f.errors=[{instancePath:t+"/segmentRefresh",schemaPath:"#/properties/segmentRefresh/enum",keyword:"enum",params:{allowedValues:U.properties.segmentRefresh.
enum}}],!1;var k=_===e}else var k=!0;if(k){if(n.paceMs!==void 0&&p.call(n,"paceMs")){let a=n.paceMs,_=e;if(!(typeof a=="number"&&!(a%1)&&!isNaN(a)&&isFinite(a)))
return f.errors=[{instancePath:t+"/paceMs",schemaPath:"#/properties/paceMs/type",keyword:"type",params:{type:"integer"}}],!1;if(e===_&&typeof a=="number"&&isFinite(
a)&&(a<0||isNaN(a)))return f.errors=[{instancePath:t+"/paceMs",schemaPath:"#/properties/paceMs/minimum",keyword:"minimum",params:{comparison:">=",limit:0}}],!1;
var k=_===e}else var k=!0;if(k)if(n.importConcurrency!==void 0&&p.call(n,"importConcurrency")){let a=n.importConcurrency,_=e;if(!(typeof a=="number"&&!(a%1)&&!isNaN(
a)&&isFinite(a)))return f.errors=[{instancePath:t+"/importConcurrency",schemaPath:"#/properties/importConcurrency/type",keyword:"type",params:{type:"integer"}}],
!1;if(e===_&&typeof a=="number"&&isFinite(a)&&(a<1||isNaN(a)))return f.errors=[{instancePath:t+"/importConcurrency",schemaPath:"#/properties/importConcurrency/m\
inimum",keyword:"minimum",params:{comparison:">=",limit:1}}],!1;var k=_===e}else var k=!0}}}}}}else return f.errors=[{instancePath:t,schemaPath:"#/type",keyword:"\
type",params:{type:"object"}}],!1;return f.errors=r,e===0}return ie(oe);})();
export const isFaultSettings: Validator = validators.isFaultSettings;
