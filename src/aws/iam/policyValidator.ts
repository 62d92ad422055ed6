// @ts-nocheck
// Made by `node tools/validators.ts`.
import type { ErrorObject } from 'ajv';
interface Validator {
  (value: unknown): boolean;
  readonly errors?: readonly ErrorObject[] | null;
}
"use strict";var validators=(()=>{var Oe=Object.defineProperty;var Qe=Object.getOwnPropertyDescriptor;var Te=Object.getOwnPropertyNames;var Ue=Object.prototype.hasOwnProperty;var We=(w,r)=>{for(var J in r)Oe(w,J,{get:r[J],enumerable:!0})},Xe=(w,r,J,U)=>{if(r&&typeof r=="object"||typeof r=="function")for(let B of Te(r))!Ue.call(w,B)&&
B!==J&&Oe(w,B,{get:()=>r[B],enumerable:!(U=Qe(r,B))||U.enumerable});return w};var Ye=w=>Xe(Oe({},"__esModule",{value:!0}),w);var et={};We(et,{isPolicy:()=>Ze});var Ze=z,H={type:"object",required:["Statement"],properties:{Version:{type:"string"},Id:{type:"string"},Statement:{anyOf:[{type:"\
object",required:["Effect"],properties:{Sid:{type:"string"},Effect:{enum:["Allow","Deny"]},Principal:{anyOf:[{enum:["*"]},{type:"object",additionalProperties:{anyOf:[
{type:"string"},{type:"array",items:{type:"string"}}]}}]},NotPrincipal:{anyOf:[{enum:["*"]},{type:"object",additionalProperties:{anyOf:[{type:"string"},{type:"a\
rray",items:{type:"string"}}]}}]},Action:{anyOf:[{type:"string"},{type:"array",items:{type:"string"}}]},NotAction:{anyOf:[{type:"string"},{type:"array",items:{type:"\
string"}}]},Resource:{anyOf:[{type:"string"},{type:"array",items:{type:"string"}}]},NotResource:{anyOf:[{type:"string"},{type:"array",items:{type:"string"}}]},Condition:{
type:"object",additionalProperties:{type:"object",additionalProperties:{anyOf:[{anyOf:[{type:"string"},{type:"boolean"},{type:"number"}]},{type:"array",items:{anyOf:[
{type:"string"},{type:"boolean"},{type:"number"}]}}]}}}}},{type:"array",items:{type:"object",required:["Effect"],properties:{Sid:{type:"string"},Effect:{enum:["\
Allow","Deny"]},Principal:{anyOf:[{enum:["*"]},{type:"object",additionalProperties:{anyOf:[{type:"string"},{type:"array",items:{type:"string"}}]}}]},NotPrincipal:{
anyOf:[{enum:["*"]},{type:"object",additionalProperties:{anyOf:[{type:"string"},{type:"array",items:{type:"string"}}]}}]},Action:{anyOf:[{type:"string"},{type:"\
array",items:{type:"string"}}]},NotAction:{anyOf:[{type:"string"},{type:"array",items:{type:"string"}}]},Resource:{anyOf:[{type:"string"},{type:"array",items:{type:"\
string"}}]},NotResource:{anyOf:[{type:"string"},{type:"array",items:{type:"string"}}]},Condition:{type:"object",additionalProperties:{type:"object",additionalProperties:{
anyOf:[{anyOf:[{type:"string"},{type:"boolean"},{type:"number"}]},{type:"array",items:{anyOf:[{type:"string"},{type:"boolean"},{type:"number"}]}}]}}}}}}]}},$id:"\
isPolicy"},k=Object.prototype.hasOwnProperty;function z(w,{instancePath:r="",parentData:J,parentDataProperty:U,rootData:B=w}={}){let t=null,e=0;if(e===0)if(w&&typeof w==
"object"&&!Array.isArray(w)){let qe;if((w.Statement===void 0||!k.call(w,"Statement"))&&(qe="Statement"))return z.errors=[{instancePath:r,schemaPath:"#/required",
keyword:"required",params:{missingProperty:qe}}],!1;if(w.Version!==void 0&&k.call(w,"Version")){let d=e;if(typeof w.Version!="string")return z.errors=[{instancePath:r+
"/Version",schemaPath:"#/properties/Version/type",keyword:"type",params:{type:"string"}}],!1;var F=d===e}else var F=!0;if(F){if(w.Id!==void 0&&k.call(w,"Id")){let d=e;
if(typeof w.Id!="string")return z.errors=[{instancePath:r+"/Id",schemaPath:"#/properties/Id/type",keyword:"type",params:{type:"string"}}],!1;var F=d===e}else var F=!0;
if(F)if(w.Statement!==void 0&&k.call(w,"Statement")){let d=w.Statement,Le=e,ue=e,G=!1,De=e;if(e===De)if(d&&typeof d=="object"&&!Array.isArray(d)){let D;if((d.Effect===
void 0||!k.call(d,"Effect"))&&(D="Effect")){let c={instancePath:r+"/Statement",schemaPath:"#/properties/Statement/anyOf/0/required",keyword:"required",params:{missingProperty:D}};
t===null?t=[c]:t.push(c),e++}else{if(d.Sid!==void 0&&k.call(d,"Sid")){let c=e;if(typeof d.Sid!="string"){let _={instancePath:r+"/Statement/Sid",schemaPath:"#/pr\
operties/Statement/anyOf/0/properties/Sid/type",keyword:"type",params:{type:"string"}};t===null?t=[_]:t.push(_),e++}var v=c===e}else var v=!0;if(v){if(d.Effect!==
void 0&&k.call(d,"Effect")){let c=d.Effect,_=e;if(!(c==="Allow"||c==="Deny")){let a={instancePath:r+"/Statement/Effect",schemaPath:"#/properties/Statement/anyOf\
/0/properties/Effect/enum",keyword:"enum",params:{allowedValues:H.properties.Statement.anyOf[0].properties.Effect.enum}};t===null?t=[a]:t.push(a),e++}var v=_===
e}else var v=!0;if(v){if(d.Principal!==void 0&&k.call(d,"Principal")){let c=d.Principal,_=e,p=e,a=!1,R=e;if(c!=="*"){let n={instancePath:r+"/Statement/Principal",
schemaPath:"#/properties/Statement/anyOf/0/properties/Principal/anyOf/0/enum",keyword:"enum",params:{allowedValues:H.properties.Statement.anyOf[0].properties.Principal.
anyOf[0].enum}};t===null?t=[n]:t.push(n),e++}var W=R===e;if(a=a||W,!a){let n=e;if(e===n)if(c&&typeof c=="object"&&!Array.isArray(c))for(let o of Object.keys(c)){
let l=c[o],s=e,g=e,O=!1,i=e;if(typeof l!="string"){let P={instancePath:r+"/Statement/Principal/"+o.replace(/~/g,"~0").replace(/\//g,"~1"),schemaPath:"#/properti\
es/Statement/anyOf/0/properties/Principal/anyOf/1/additionalProperties/anyOf/0/type",keyword:"type",params:{type:"string"}};t===null?t=[P]:t.push(P),e++}var X=i===
e;if(O=O||X,!O){let P=e;if(e===P)if(Array.isArray(l)){var ge=!0;let m=l.length;for(let u=0;u<m;u++){let N=e;if(typeof l[u]!="string"){let C={instancePath:r+"/St\
atement/Principal/"+o.replace(/~/g,"~0").replace(/\//g,"~1")+"/"+u,schemaPath:"#/properties/Statement/anyOf/0/properties/Principal/anyOf/1/additionalProperties/\
anyOf/1/items/type",keyword:"type",params:{type:"string"}};t===null?t=[C]:t.push(C),e++}var ge=N===e;if(!ge)break}}else{let m={instancePath:r+"/Statement/Princi\
pal/"+o.replace(/~/g,"~0").replace(/\//g,"~1"),schemaPath:"#/properties/Statement/anyOf/0/properties/Principal/anyOf/1/additionalProperties/anyOf/1/type",keyword:"\
type",params:{type:"array"}};t===null?t=[m]:t.push(m),e++}var X=P===e;O=O||X}if(O)e=g,t!==null&&(g?t.length=g:t=null);else{let P={instancePath:r+"/Statement/Pri\
ncipal/"+o.replace(/~/g,"~0").replace(/\//g,"~1"),schemaPath:"#/properties/Statement/anyOf/0/properties/Principal/anyOf/1/additionalProperties/anyOf",keyword:"a\
nyOf",params:{}};t===null?t=[P]:t.push(P),e++}var xe=s===e;if(!xe)break}else{let o={instancePath:r+"/Statement/Principal",schemaPath:"#/properties/Statement/any\
Of/0/properties/Principal/anyOf/1/type",keyword:"type",params:{type:"object"}};t===null?t=[o]:t.push(o),e++}var W=n===e;a=a||W}if(a)e=p,t!==null&&(p?t.length=p:
t=null);else{let n={instancePath:r+"/Statement/Principal",schemaPath:"#/properties/Statement/anyOf/0/properties/Principal/anyOf",keyword:"anyOf",params:{}};t===
null?t=[n]:t.push(n),e++}var v=_===e}else var v=!0;if(v){if(d.NotPrincipal!==void 0&&k.call(d,"NotPrincipal")){let c=d.NotPrincipal,_=e,p=e,a=!1,R=e;if(c!=="*"){
let n={instancePath:r+"/Statement/NotPrincipal",schemaPath:"#/properties/Statement/anyOf/0/properties/NotPrincipal/anyOf/0/enum",keyword:"enum",params:{allowedValues:H.
properties.Statement.anyOf[0].properties.NotPrincipal.anyOf[0].enum}};t===null?t=[n]:t.push(n),e++}var Y=R===e;if(a=a||Y,!a){let n=e;if(e===n)if(c&&typeof c=="o\
bject"&&!Array.isArray(c))for(let o of Object.keys(c)){let l=c[o],s=e,g=e,O=!1,i=e;if(typeof l!="string"){let P={instancePath:r+"/Statement/NotPrincipal/"+o.replace(
/~/g,"~0").replace(/\//g,"~1"),schemaPath:"#/properties/Statement/anyOf/0/properties/NotPrincipal/anyOf/1/additionalProperties/anyOf/0/type",keyword:"type",params:{
type:"string"}};t===null?t=[P]:t.push(P),e++}var Z=i===e;if(O=O||Z,!O){let P=e;if(e===P)if(Array.isArray(l)){var Pe=!0;let m=l.length;for(let u=0;u<m;u++){let N=e;
if(typeof l[u]!="string"){let C={instancePath:r+"/Statement/NotPrincipal/"+o.replace(/~/g,"~0").replace(/\//g,"~1")+"/"+u,schemaPath:"#/properties/Statement/any\
Of/0/properties/NotPrincipal/anyOf/1/additionalProperties/anyOf/1/items/type",keyword:"type",params:{type:"string"}};t===null?t=[C]:t.push(C),e++}var Pe=N===e;if(!Pe)
break}}else{let m={instancePath:r+"/Statement/NotPrincipal/"+o.replace(/~/g,"~0").replace(/\//g,"~1"),schemaPath:"#/properties/Statement/anyOf/0/properties/NotP\
rincipal/anyOf/1/additionalProperties/anyOf/1/type",keyword:"type",params:{type:"array"}};t===null?t=[m]:t.push(m),e++}var Z=P===e;O=O||Z}if(O)e=g,t!==null&&(g?
t.length=g:t=null);else{let P={instancePath:r+"/Statement/NotPrincipal/"+o.replace(/~/g,"~0").replace(/\//g,"~1"),schemaPath:"#/properties/Statement/anyOf/0/pro\
perties/NotPrincipal/anyOf/1/additionalProperties/anyOf",keyword:"anyOf",params:{}};t===null?t=[P]:t.push(P),e++}var $e=s===e;if(!$e)break}else{let o={instancePath:r+
"/Statement/NotPrincipal",schemaPath:"#/properties/Statement/anyOf/0/properties/NotPrincipal/anyOf/1/type",keyword:"type",params:{type:"object"}};t===null?t=[o]:
t.push(o),e++}var Y=n===e;a=a||Y}if(a)e=p,t!==null&&(p?t.length=p:t=null);else{let n={instancePath:r+"/Statement/NotPrincipal",schemaPath:"#/properties/Statemen\
t/anyOf/0/properties/NotPrincipal/anyOf",keyword:"anyOf",params:{}};t===null?t=[n]:t.push(n),e++}var v=_===e}else var v=!0;if(v){if(d.Action!==void 0&&k.call(d,
"Action")){let c=d.Action,_=e,p=e,a=!1,R=e;if(typeof c!="string"){let n={instancePath:r+"/Statement/Action",schemaPath:"#/properties/Statement/anyOf/0/propertie\
s/Action/anyOf/0/type",keyword:"type",params:{type:"string"}};t===null?t=[n]:t.push(n),e++}var ee=R===e;if(a=a||ee,!a){let n=e;if(e===n)if(Array.isArray(c)){var ve=!0;
let o=c.length;for(let l=0;l<o;l++){let s=e;if(typeof c[l]!="string"){let O={instancePath:r+"/Statement/Action/"+l,schemaPath:"#/properties/Statement/anyOf/0/pr\
operties/Action/anyOf/1/items/type",keyword:"type",params:{type:"string"}};t===null?t=[O]:t.push(O),e++}var ve=s===e;if(!ve)break}}else{let o={instancePath:r+"/\
Statement/Action",schemaPath:"#/properties/Statement/anyOf/0/properties/Action/anyOf/1/type",keyword:"type",params:{type:"array"}};t===null?t=[o]:t.push(o),e++}
var ee=n===e;a=a||ee}if(a)e=p,t!==null&&(p?t.length=p:t=null);else{let n={instancePath:r+"/Statement/Action",schemaPath:"#/properties/Statement/anyOf/0/properti\
es/Action/anyOf",keyword:"anyOf",params:{}};t===null?t=[n]:t.push(n),e++}var v=_===e}else var v=!0;if(v){if(d.NotAction!==void 0&&k.call(d,"NotAction")){let c=d.
NotAction,_=e,p=e,a=!1,R=e;if(typeof c!="string"){let n={instancePath:r+"/Statement/NotAction",schemaPath:"#/properties/Statement/anyOf/0/properties/NotAction/a\
nyOf/0/type",keyword:"type",params:{type:"string"}};t===null?t=[n]:t.push(n),e++}var te=R===e;if(a=a||te,!a){let n=e;if(e===n)if(Array.isArray(c)){var Se=!0;let o=c.
length;for(let l=0;l<o;l++){let s=e;if(typeof c[l]!="string"){let O={instancePath:r+"/Statement/NotAction/"+l,schemaPath:"#/properties/Statement/anyOf/0/propert\
ies/NotAction/anyOf/1/items/type",keyword:"type",params:{type:"string"}};t===null?t=[O]:t.push(O),e++}var Se=s===e;if(!Se)break}}else{let o={instancePath:r+"/St\
atement/NotAction",schemaPath:"#/properties/Statement/anyOf/0/properties/NotAction/anyOf/1/type",keyword:"type",params:{type:"array"}};t===null?t=[o]:t.push(o),
e++}var te=n===e;a=a||te}if(a)e=p,t!==null&&(p?t.length=p:t=null);else{let n={instancePath:r+"/Statement/NotAction",schemaPath:"#/properties/Statement/anyOf/0/p\
roperties/NotAction/anyOf",keyword:"anyOf",params:{}};t===null?t=[n]:t.push(n),e++}var v=_===e}else var v=!0;if(v){if(d.Resource!==void 0&&k.call(d,"Resource")){
let c=d.Resource,_=e,p=e,a=!1,R=e;if(typeof c!="string"){let n={instancePath:r+"/Statement/Resource",schemaPath:"#/properties/Statement/anyOf/0/properties/Resou\
rce/anyOf/0/type",keyword:"type",params:{type:"string"}};t===null?t=[n]:t.push(n),e++}var re=R===e;if(a=a||re,!a){let n=e;if(e===n)if(Array.isArray(c)){var _e=!0;
let o=c.length;for(let l=0;l<o;l++){let s=e;if(typeof c[l]!="string"){let O={instancePath:r+"/Statement/Resource/"+l,schemaPath:"#/properties/Statement/anyOf/0/\
properties/Resource/anyOf/1/items/type",keyword:"type",params:{type:"string"}};t===null?t=[O]:t.push(O),e++}var _e=s===e;if(!_e)break}}else{let o={instancePath:r+
"/Statement/Resource",schemaPath:"#/properties/Statement/anyOf/0/properties/Resource/anyOf/1/type",keyword:"type",params:{type:"array"}};t===null?t=[o]:t.push(o),
e++}var re=n===e;a=a||re}if(a)e=p,t!==null&&(p?t.length=p:t=null);else{let n={instancePath:r+"/Statement/Resource",schemaPath:"#/properties/Statement/anyOf/0/pr\
operties/Resource/anyOf",keyword:"anyOf",params:{}};t===null?t=[n]:t.push(n),e++}var v=_===e}else var v=!0;if(v){if(d.NotResource!==void 0&&k.call(d,"NotResourc\
e")){let c=d.NotResource,_=e,p=e,a=!1,R=e;if(typeof c!="string"){let n={instancePath:r+"/Statement/NotResource",schemaPath:"#/properties/Statement/anyOf/0/prope\
rties/NotResource/anyOf/0/type",keyword:"type",params:{type:"string"}};t===null?t=[n]:t.push(n),e++}var ae=R===e;if(a=a||ae,!a){let n=e;if(e===n)if(Array.isArray(
c)){var ke=!0;let o=c.length;for(let l=0;l<o;l++){let s=e;if(typeof c[l]!="string"){let O={instancePath:r+"/Statement/NotResource/"+l,schemaPath:"#/properties/S\
tatement/anyOf/0/properties/NotResource/anyOf/1/items/type",keyword:"type",params:{type:"string"}};t===null?t=[O]:t.push(O),e++}var ke=s===e;if(!ke)break}}else{
let o={instancePath:r+"/Statement/NotResource",schemaPath:"#/properties/Statement/anyOf/0/properties/NotResource/anyOf/1/type",keyword:"type",params:{type:"arra\
y"}};t===null?t=[o]:t.push(o),e++}var ae=n===e;a=a||ae}if(a)e=p,t!==null&&(p?t.length=p:t=null);else{let n={instancePath:r+"/Statement/NotResource",schemaPath:"\
#/properties/Statement/anyOf/0/properties/NotResource/anyOf",keyword:"anyOf",params:{}};t===null?t=[n]:t.push(n),e++}var v=_===e}else var v=!0;if(v)if(d.Condition!==
void 0&&k.call(d,"Condition")){let c=d.Condition,_=e;if(e===_)if(c&&typeof c=="object"&&!Array.isArray(c))for(let a of Object.keys(c)){let R=c[a],Ie=e;if(e===Ie)
if(R&&typeof R=="object"&&!Array.isArray(R))for(let n of Object.keys(R)){let f=R[n],o=e,l=e,s=!1,g=e,O=e,i=!1,P=e;if(typeof f!="string"){let y={instancePath:r+"\
/Statement/Condition/"+a.replace(/~/g,"~0").replace(/\//g,"~1")+"/"+n.replace(/~/g,"~0").replace(/\//g,"~1"),schemaPath:"#/properties/Statement/anyOf/0/properti\
es/Condition/additionalProperties/additionalProperties/anyOf/0/anyOf/0/type",keyword:"type",params:{type:"string"}};t===null?t=[y]:t.push(y),e++}var K=P===e;if(i=
i||K,!i){let y=e;if(typeof f!="boolean"){let u={instancePath:r+"/Statement/Condition/"+a.replace(/~/g,"~0").replace(/\//g,"~1")+"/"+n.replace(/~/g,"~0").replace(
/\//g,"~1"),schemaPath:"#/properties/Statement/anyOf/0/properties/Condition/additionalProperties/additionalProperties/anyOf/0/anyOf/1/type",keyword:"type",params:{
type:"boolean"}};t===null?t=[u]:t.push(u),e++}var K=y===e;if(i=i||K,!i){let u=e;if(!(typeof f=="number"&&isFinite(f))){let h={instancePath:r+"/Statement/Conditi\
on/"+a.replace(/~/g,"~0").replace(/\//g,"~1")+"/"+n.replace(/~/g,"~0").replace(/\//g,"~1"),schemaPath:"#/properties/Statement/anyOf/0/properties/Condition/addit\
ionalProperties/additionalProperties/anyOf/0/anyOf/2/type",keyword:"type",params:{type:"number"}};t===null?t=[h]:t.push(h),e++}var K=u===e;i=i||K}}if(i)e=O,t!==
null&&(O?t.length=O:t=null);else{let y={instancePath:r+"/Statement/Condition/"+a.replace(/~/g,"~0").replace(/\//g,"~1")+"/"+n.replace(/~/g,"~0").replace(/\//g,"\
~1"),schemaPath:"#/properties/Statement/anyOf/0/properties/Condition/additionalProperties/additionalProperties/anyOf/0/anyOf",keyword:"anyOf",params:{}};t===null?
t=[y]:t.push(y),e++}var ie=g===e;if(s=s||ie,!s){let y=e;if(e===y)if(Array.isArray(f)){var we=!0;let u=f.length;for(let N=0;N<u;N++){let h=f[N],C=e,A=e,b=!1,I=e;
if(typeof h!="string"){let E={instancePath:r+"/Statement/Condition/"+a.replace(/~/g,"~0").replace(/\//g,"~1")+"/"+n.replace(/~/g,"~0").replace(/\//g,"~1")+"/"+N,
schemaPath:"#/properties/Statement/anyOf/0/properties/Condition/additionalProperties/additionalProperties/anyOf/1/items/anyOf/0/type",keyword:"type",params:{type:"\
string"}};t===null?t=[E]:t.push(E),e++}var L=I===e;if(b=b||L,!b){let E=e;if(typeof h!="boolean"){let V={instancePath:r+"/Statement/Condition/"+a.replace(/~/g,"~\
0").replace(/\//g,"~1")+"/"+n.replace(/~/g,"~0").replace(/\//g,"~1")+"/"+N,schemaPath:"#/properties/Statement/anyOf/0/properties/Condition/additionalProperties/\
additionalProperties/anyOf/1/items/anyOf/1/type",keyword:"type",params:{type:"boolean"}};t===null?t=[V]:t.push(V),e++}var L=E===e;if(b=b||L,!b){let V=e;if(!(typeof h==
"number"&&isFinite(h))){let q={instancePath:r+"/Statement/Condition/"+a.replace(/~/g,"~0").replace(/\//g,"~1")+"/"+n.replace(/~/g,"~0").replace(/\//g,"~1")+"/"+
N,schemaPath:"#/properties/Statement/anyOf/0/properties/Condition/additionalProperties/additionalProperties/anyOf/1/items/anyOf/2/type",keyword:"type",params:{type:"\
number"}};t===null?t=[q]:t.push(q),e++}var L=V===e;b=b||L}}if(b)e=A,t!==null&&(A?t.length=A:t=null);else{let E={instancePath:r+"/Statement/Condition/"+a.replace(
/~/g,"~0").replace(/\//g,"~1")+"/"+n.replace(/~/g,"~0").replace(/\//g,"~1")+"/"+N,schemaPath:"#/properties/Statement/anyOf/0/properties/Condition/additionalProp\
erties/additionalProperties/anyOf/1/items/anyOf",keyword:"anyOf",params:{}};t===null?t=[E]:t.push(E),e++}var we=C===e;if(!we)break}}else{let u={instancePath:r+"\
/Statement/Condition/"+a.replace(/~/g,"~0").replace(/\//g,"~1")+"/"+n.replace(/~/g,"~0").replace(/\//g,"~1"),schemaPath:"#/properties/Statement/anyOf/0/properti\
es/Condition/additionalProperties/additionalProperties/anyOf/1/type",keyword:"type",params:{type:"array"}};t===null?t=[u]:t.push(u),e++}var ie=y===e;s=s||ie}if(s)
e=l,t!==null&&(l?t.length=l:t=null);else{let y={instancePath:r+"/Statement/Condition/"+a.replace(/~/g,"~0").replace(/\//g,"~1")+"/"+n.replace(/~/g,"~0").replace(
/\//g,"~1"),schemaPath:"#/properties/Statement/anyOf/0/properties/Condition/additionalProperties/additionalProperties/anyOf",keyword:"anyOf",params:{}};t===null?
t=[y]:t.push(y),e++}var ze=o===e;if(!ze)break}else{let n={instancePath:r+"/Statement/Condition/"+a.replace(/~/g,"~0").replace(/\//g,"~1"),schemaPath:"#/properti\
es/Statement/anyOf/0/properties/Condition/additionalProperties/type",keyword:"type",params:{type:"object"}};t===null?t=[n]:t.push(n),e++}var Be=Ie===e;if(!Be)break}else{
let a={instancePath:r+"/Statement/Condition",schemaPath:"#/properties/Statement/anyOf/0/properties/Condition/type",keyword:"type",params:{type:"object"}};t===null?
t=[a]:t.push(a),e++}var v=_===e}else var v=!0}}}}}}}}}else{let D={instancePath:r+"/Statement",schemaPath:"#/properties/Statement/anyOf/0/type",keyword:"type",params:{
type:"object"}};t===null?t=[D]:t.push(D),e++}var se=De===e;if(G=G||se,!G){let D=e;if(e===D)if(Array.isArray(d)){var Ae=!0;let _=d.length;for(let p=0;p<_;p++){let a=d[p],
R=e;if(e===R)if(a&&typeof a=="object"&&!Array.isArray(a)){let n;if((a.Effect===void 0||!k.call(a,"Effect"))&&(n="Effect")){let f={instancePath:r+"/Statement/"+p,
schemaPath:"#/properties/Statement/anyOf/1/items/required",keyword:"required",params:{missingProperty:n}};t===null?t=[f]:t.push(f),e++}else{if(a.Sid!==void 0&&k.
call(a,"Sid")){let f=e;if(typeof a.Sid!="string"){let o={instancePath:r+"/Statement/"+p+"/Sid",schemaPath:"#/properties/Statement/anyOf/1/items/properties/Sid/t\
ype",keyword:"type",params:{type:"string"}};t===null?t=[o]:t.push(o),e++}var S=f===e}else var S=!0;if(S){if(a.Effect!==void 0&&k.call(a,"Effect")){let f=a.Effect,
o=e;if(!(f==="Allow"||f==="Deny")){let s={instancePath:r+"/Statement/"+p+"/Effect",schemaPath:"#/properties/Statement/anyOf/1/items/properties/Effect/enum",keyword:"\
enum",params:{allowedValues:H.properties.Statement.anyOf[1].items.properties.Effect.enum}};t===null?t=[s]:t.push(s),e++}var S=o===e}else var S=!0;if(S){if(a.Principal!==
void 0&&k.call(a,"Principal")){let f=a.Principal,o=e,l=e,s=!1,g=e;if(f!=="*"){let i={instancePath:r+"/Statement/"+p+"/Principal",schemaPath:"#/properties/Statem\
ent/anyOf/1/items/properties/Principal/anyOf/0/enum",keyword:"enum",params:{allowedValues:H.properties.Statement.anyOf[1].items.properties.Principal.anyOf[0].enum}};
t===null?t=[i]:t.push(i),e++}var ne=g===e;if(s=s||ne,!s){let i=e;if(e===i)if(f&&typeof f=="object"&&!Array.isArray(f))for(let y of Object.keys(f)){let m=f[y],u=e,
N=e,h=!1,C=e;if(typeof m!="string"){let A={instancePath:r+"/Statement/"+p+"/Principal/"+y.replace(/~/g,"~0").replace(/\//g,"~1"),schemaPath:"#/properties/Statem\
ent/anyOf/1/items/properties/Principal/anyOf/1/additionalProperties/anyOf/0/type",keyword:"type",params:{type:"string"}};t===null?t=[A]:t.push(A),e++}var pe=C===
e;if(h=h||pe,!h){let A=e;if(e===A)if(Array.isArray(m)){var be=!0;let I=m.length;for(let j=0;j<I;j++){let E=e;if(typeof m[j]!="string"){let V={instancePath:r+"/S\
tatement/"+p+"/Principal/"+y.replace(/~/g,"~0").replace(/\//g,"~1")+"/"+j,schemaPath:"#/properties/Statement/anyOf/1/items/properties/Principal/anyOf/1/addition\
alProperties/anyOf/1/items/type",keyword:"type",params:{type:"string"}};t===null?t=[V]:t.push(V),e++}var be=E===e;if(!be)break}}else{let I={instancePath:r+"/Sta\
tement/"+p+"/Principal/"+y.replace(/~/g,"~0").replace(/\//g,"~1"),schemaPath:"#/properties/Statement/anyOf/1/items/properties/Principal/anyOf/1/additionalProper\
ties/anyOf/1/type",keyword:"type",params:{type:"array"}};t===null?t=[I]:t.push(I),e++}var pe=A===e;h=h||pe}if(h)e=N,t!==null&&(N?t.length=N:t=null);else{let A={
instancePath:r+"/Statement/"+p+"/Principal/"+y.replace(/~/g,"~0").replace(/\//g,"~1"),schemaPath:"#/properties/Statement/anyOf/1/items/properties/Principal/anyO\
f/1/additionalProperties/anyOf",keyword:"anyOf",params:{}};t===null?t=[A]:t.push(A),e++}var Ge=u===e;if(!Ge)break}else{let y={instancePath:r+"/Statement/"+p+"/P\
rincipal",schemaPath:"#/properties/Statement/anyOf/1/items/properties/Principal/anyOf/1/type",keyword:"type",params:{type:"object"}};t===null?t=[y]:t.push(y),e++}
var ne=i===e;s=s||ne}if(s)e=l,t!==null&&(l?t.length=l:t=null);else{let i={instancePath:r+"/Statement/"+p+"/Principal",schemaPath:"#/properties/Statement/anyOf/1\
/items/properties/Principal/anyOf",keyword:"anyOf",params:{}};t===null?t=[i]:t.push(i),e++}var S=o===e}else var S=!0;if(S){if(a.NotPrincipal!==void 0&&k.call(a,
"NotPrincipal")){let f=a.NotPrincipal,o=e,l=e,s=!1,g=e;if(f!=="*"){let i={instancePath:r+"/Statement/"+p+"/NotPrincipal",schemaPath:"#/properties/Statement/anyO\
f/1/items/properties/NotPrincipal/anyOf/0/enum",keyword:"enum",params:{allowedValues:H.properties.Statement.anyOf[1].items.properties.NotPrincipal.anyOf[0].enum}};
t===null?t=[i]:t.push(i),e++}var oe=g===e;if(s=s||oe,!s){let i=e;if(e===i)if(f&&typeof f=="object"&&!Array.isArray(f))for(let y of Object.keys(f)){let m=f[y],u=e,
N=e,h=!1,C=e;if(typeof m!="string"){let A={instancePath:r+"/Statement/"+p+"/NotPrincipal/"+y.replace(/~/g,"~0").replace(/\//g,"~1"),schemaPath:"#/properties/Sta\
tement/anyOf/1/items/properties/NotPrincipal/anyOf/1/additionalProperties/anyOf/0/type",keyword:"type",params:{type:"string"}};t===null?t=[A]:t.push(A),e++}var le=C===
e;if(h=h||le,!h){let A=e;if(e===A)if(Array.isArray(m)){var Ne=!0;let I=m.length;for(let j=0;j<I;j++){let E=e;if(typeof m[j]!="string"){let V={instancePath:r+"/S\
tatement/"+p+"/NotPrincipal/"+y.replace(/~/g,"~0").replace(/\//g,"~1")+"/"+j,schemaPath:"#/properties/Statement/anyOf/1/items/properties/NotPrincipal/anyOf/1/ad\
ditionalProperties/anyOf/1/items/type",keyword:"type",params:{type:"string"}};t===null?t=[V]:t.push(V),e++}var Ne=E===e;if(!Ne)break}}else{let I={instancePath:r+
"/Statement/"+p+"/NotPrincipal/"+y.replace(/~/g,"~0").replace(/\//g,"~1"),schemaPath:"#/properties/Statement/anyOf/1/items/properties/NotPrincipal/anyOf/1/addit\
ionalProperties/anyOf/1/type",keyword:"type",params:{type:"array"}};t===null?t=[I]:t.push(I),e++}var le=A===e;h=h||le}if(h)e=N,t!==null&&(N?t.length=N:t=null);else{
let A={instancePath:r+"/Statement/"+p+"/NotPrincipal/"+y.replace(/~/g,"~0").replace(/\//g,"~1"),schemaPath:"#/properties/Statement/anyOf/1/items/properties/NotP\
rincipal/anyOf/1/additionalProperties/anyOf",keyword:"anyOf",params:{}};t===null?t=[A]:t.push(A),e++}var He=u===e;if(!He)break}else{let y={instancePath:r+"/Stat\
ement/"+p+"/NotPrincipal",schemaPath:"#/properties/Statement/anyOf/1/items/properties/NotPrincipal/anyOf/1/type",keyword:"type",params:{type:"object"}};t===null?
t=[y]:t.push(y),e++}var oe=i===e;s=s||oe}if(s)e=l,t!==null&&(l?t.length=l:t=null);else{let i={instancePath:r+"/Statement/"+p+"/NotPrincipal",schemaPath:"#/prope\
rties/Statement/anyOf/1/items/properties/NotPrincipal/anyOf",keyword:"anyOf",params:{}};t===null?t=[i]:t.push(i),e++}var S=o===e}else var S=!0;if(S){if(a.Action!==
void 0&&k.call(a,"Action")){let f=a.Action,o=e,l=e,s=!1,g=e;if(typeof f!="string"){let i={instancePath:r+"/Statement/"+p+"/Action",schemaPath:"#/properties/Stat\
ement/anyOf/1/items/properties/Action/anyOf/0/type",keyword:"type",params:{type:"string"}};t===null?t=[i]:t.push(i),e++}var fe=g===e;if(s=s||fe,!s){let i=e;if(e===
i)if(Array.isArray(f)){var Ce=!0;let y=f.length;for(let m=0;m<y;m++){let u=e;if(typeof f[m]!="string"){let h={instancePath:r+"/Statement/"+p+"/Action/"+m,schemaPath:"\
#/properties/Statement/anyOf/1/items/properties/Action/anyOf/1/items/type",keyword:"type",params:{type:"string"}};t===null?t=[h]:t.push(h),e++}var Ce=u===e;if(!Ce)
break}}else{let y={instancePath:r+"/Statement/"+p+"/Action",schemaPath:"#/properties/Statement/anyOf/1/items/properties/Action/anyOf/1/type",keyword:"type",params:{
type:"array"}};t===null?t=[y]:t.push(y),e++}var fe=i===e;s=s||fe}if(s)e=l,t!==null&&(l?t.length=l:t=null);else{let i={instancePath:r+"/Statement/"+p+"/Action",schemaPath:"\
#/properties/Statement/anyOf/1/items/properties/Action/anyOf",keyword:"anyOf",params:{}};t===null?t=[i]:t.push(i),e++}var S=o===e}else var S=!0;if(S){if(a.NotAction!==
void 0&&k.call(a,"NotAction")){let f=a.NotAction,o=e,l=e,s=!1,g=e;if(typeof f!="string"){let i={instancePath:r+"/Statement/"+p+"/NotAction",schemaPath:"#/proper\
ties/Statement/anyOf/1/items/properties/NotAction/anyOf/0/type",keyword:"type",params:{type:"string"}};t===null?t=[i]:t.push(i),e++}var ye=g===e;if(s=s||ye,!s){
let i=e;if(e===i)if(Array.isArray(f)){var Re=!0;let y=f.length;for(let m=0;m<y;m++){let u=e;if(typeof f[m]!="string"){let h={instancePath:r+"/Statement/"+p+"/No\
tAction/"+m,schemaPath:"#/properties/Statement/anyOf/1/items/properties/NotAction/anyOf/1/items/type",keyword:"type",params:{type:"string"}};t===null?t=[h]:t.push(
h),e++}var Re=u===e;if(!Re)break}}else{let y={instancePath:r+"/Statement/"+p+"/NotAction",schemaPath:"#/properties/Statement/anyOf/1/items/properties/NotAction/\
anyOf/1/type",keyword:"type",params:{type:"array"}};t===null?t=[y]:t.push(y),e++}var ye=i===e;s=s||ye}if(s)e=l,t!==null&&(l?t.length=l:t=null);else{let i={instancePath:r+
"/Statement/"+p+"/NotAction",schemaPath:"#/properties/Statement/anyOf/1/items/properties/NotAction/anyOf",keyword:"anyOf",params:{}};t===null?t=[i]:t.push(i),e++}
var S=o===e}else var S=!0;if(S){if(a.Resource!==void 0&&k.call(a,"Resource")){let f=a.Resource,o=e,l=e,s=!1,g=e;if(typeof f!="string"){let i={instancePath:r+"/S\
tatement/"+p+"/Resource",schemaPath:"#/properties/Statement/anyOf/1/items/properties/Resource/anyOf/0/type",keyword:"type",params:{type:"string"}};t===null?t=[i]:
t.push(i),e++}var ce=g===e;if(s=s||ce,!s){let i=e;if(e===i)if(Array.isArray(f)){var je=!0;let y=f.length;for(let m=0;m<y;m++){let u=e;if(typeof f[m]!="string"){
let h={instancePath:r+"/Statement/"+p+"/Resource/"+m,schemaPath:"#/properties/Statement/anyOf/1/items/properties/Resource/anyOf/1/items/type",keyword:"type",params:{
type:"string"}};t===null?t=[h]:t.push(h),e++}var je=u===e;if(!je)break}}else{let y={instancePath:r+"/Statement/"+p+"/Resource",schemaPath:"#/properties/Statemen\
t/anyOf/1/items/properties/Resource/anyOf/1/type",keyword:"type",params:{type:"array"}};t===null?t=[y]:t.push(y),e++}var ce=i===e;s=s||ce}if(s)e=l,t!==null&&(l?
t.length=l:t=null);else{let i={instancePath:r+"/Statement/"+p+"/Resource",schemaPath:"#/properties/Statement/anyOf/1/items/properties/Resource/anyOf",keyword:"a\
nyOf",params:{}};t===null?t=[i]:t.push(i),e++}var S=o===e}else var S=!0;if(S){if(a.NotResource!==void 0&&k.call(a,"NotResource")){let f=a.NotResource,o=e,l=e,s=!1,
g=e;if(typeof f!="string"){let i={instancePath:r+"/Statement/"+p+"/NotResource",schemaPath:"#/properties/Statement/anyOf/1/items/properties/NotResource/anyOf/0/\
type",keyword:"type",params:{type:"string"}};t===null?t=[i]:t.push(i),e++}var me=g===e;if(s=s||me,!s){let i=e;if(e===i)if(Array.isArray(f)){var Ee=!0;let y=f.length;
for(let m=0;m<y;m++){let u=e;if(typeof f[m]!="string"){let h={instancePath:r+"/Statement/"+p+"/NotResource/"+m,schemaPath:"#/properties/Statement/anyOf/1/items/\
properties/NotResource/anyOf/1/items/type",keyword:"type",params:{type:"string"}};t===null?t=[h]:t.push(h),e++}var Ee=u===e;if(!Ee)break}}else{let y={instancePath:r+
"/Statement/"+p+"/NotResource",schemaPath:"#/properties/Statement/anyOf/1/items/properties/NotResource/anyOf/1/type",keyword:"type",params:{type:"array"}};t===null?
t=[y]:t.push(y),e++}var me=i===e;s=s||me}if(s)e=l,t!==null&&(l?t.length=l:t=null);else{let i={instancePath:r+"/Statement/"+p+"/NotResource",schemaPath:"#/proper\
ties/Statement/anyOf/1/items/properties/NotResource/anyOf",keyword:"anyOf",params:{}};t===null?t=[i]:t.push(i),e++}var S=o===e}else var S=!0;if(S)if(a.Condition!==
void 0&&k.call(a,"Condition")){let f=a.Condition,o=e;if(e===o)if(f&&typeof f=="object"&&!Array.isArray(f))for(let s of Object.keys(f)){let g=f[s],O=e;if(e===O)if(g&&
typeof g=="object"&&!Array.isArray(g))for(let i of Object.keys(g)){let P=g[i],y=e,m=e,u=!1,N=e,h=e,C=!1,A=e;if(typeof P!="string"){let b={instancePath:r+"/State\
ment/"+p+"/Condition/"+s.replace(/~/g,"~0").replace(/\//g,"~1")+"/"+i.replace(/~/g,"~0").replace(/\//g,"~1"),schemaPath:"#/properties/Statement/anyOf/1/items/pr\
operties/Condition/additionalProperties/additionalProperties/anyOf/0/anyOf/0/type",keyword:"type",params:{type:"string"}};t===null?t=[b]:t.push(b),e++}var M=A===
e;if(C=C||M,!C){let b=e;if(typeof P!="boolean"){let j={instancePath:r+"/Statement/"+p+"/Condition/"+s.replace(/~/g,"~0").replace(/\//g,"~1")+"/"+i.replace(/~/g,
"~0").replace(/\//g,"~1"),schemaPath:"#/properties/Statement/anyOf/1/items/properties/Condition/additionalProperties/additionalProperties/anyOf/0/anyOf/1/type",
keyword:"type",params:{type:"boolean"}};t===null?t=[j]:t.push(j),e++}var M=b===e;if(C=C||M,!C){let j=e;if(!(typeof P=="number"&&isFinite(P))){let x={instancePath:r+
"/Statement/"+p+"/Condition/"+s.replace(/~/g,"~0").replace(/\//g,"~1")+"/"+i.replace(/~/g,"~0").replace(/\//g,"~1"),schemaPath:"#/properties/Statement/anyOf/1/i\
tems/properties/Condition/additionalProperties/additionalProperties/anyOf/0/anyOf/2/type",keyword:"type",params:{type:"number"}};t===null?t=[x]:t.push(x),e++}var M=j===
e;C=C||M}}if(C)e=h,t!==null&&(h?t.length=h:t=null);else{let b={instancePath:r+"/Statement/"+p+"/Condition/"+s.replace(/~/g,"~0").replace(/\//g,"~1")+"/"+i.replace(
/~/g,"~0").replace(/\//g,"~1"),schemaPath:"#/properties/Statement/anyOf/1/items/properties/Condition/additionalProperties/additionalProperties/anyOf/0/anyOf",keyword:"\
anyOf",params:{}};t===null?t=[b]:t.push(b),e++}var de=N===e;if(u=u||de,!u){let b=e;if(e===b)if(Array.isArray(P)){var Ve=!0;let j=P.length;for(let E=0;E<j;E++){let x=P[E],
V=e,he=e,q=!1,Me=e;if(typeof x!="string"){let $={instancePath:r+"/Statement/"+p+"/Condition/"+s.replace(/~/g,"~0").replace(/\//g,"~1")+"/"+i.replace(/~/g,"~0").
replace(/\//g,"~1")+"/"+E,schemaPath:"#/properties/Statement/anyOf/1/items/properties/Condition/additionalProperties/additionalProperties/anyOf/1/items/anyOf/0/\
type",keyword:"type",params:{type:"string"}};t===null?t=[$]:t.push($),e++}var Q=Me===e;if(q=q||Q,!q){let $=e;if(typeof x!="boolean"){let T={instancePath:r+"/Sta\
tement/"+p+"/Condition/"+s.replace(/~/g,"~0").replace(/\//g,"~1")+"/"+i.replace(/~/g,"~0").replace(/\//g,"~1")+"/"+E,schemaPath:"#/properties/Statement/anyOf/1/\
items/properties/Condition/additionalProperties/additionalProperties/anyOf/1/items/anyOf/1/type",keyword:"type",params:{type:"boolean"}};t===null?t=[T]:t.push(T),
e++}var Q=$===e;if(q=q||Q,!q){let T=e;if(!(typeof x=="number"&&isFinite(x))){let Fe={instancePath:r+"/Statement/"+p+"/Condition/"+s.replace(/~/g,"~0").replace(/\//g,
"~1")+"/"+i.replace(/~/g,"~0").replace(/\//g,"~1")+"/"+E,schemaPath:"#/properties/Statement/anyOf/1/items/properties/Condition/additionalProperties/additionalPr\
operties/anyOf/1/items/anyOf/2/type",keyword:"type",params:{type:"number"}};t===null?t=[Fe]:t.push(Fe),e++}var Q=T===e;q=q||Q}}if(q)e=he,t!==null&&(he?t.length=
he:t=null);else{let $={instancePath:r+"/Statement/"+p+"/Condition/"+s.replace(/~/g,"~0").replace(/\//g,"~1")+"/"+i.replace(/~/g,"~0").replace(/\//g,"~1")+"/"+E,
schemaPath:"#/properties/Statement/anyOf/1/items/properties/Condition/additionalProperties/additionalProperties/anyOf/1/items/anyOf",keyword:"anyOf",params:{}};
t===null?t=[$]:t.push($),e++}var Ve=V===e;if(!Ve)break}}else{let j={instancePath:r+"/Statement/"+p+"/Condition/"+s.replace(/~/g,"~0").replace(/\//g,"~1")+"/"+i.
replace(/~/g,"~0").replace(/\//g,"~1"),schemaPath:"#/properties/Statement/anyOf/1/items/properties/Condition/additionalProperties/additionalProperties/anyOf/1/t\
ype",keyword:"type",params:{type:"array"}};t===null?t=[j]:t.push(j),e++}var de=b===e;u=u||de}if(u)e=m,t!==null&&(m?t.length=m:t=null);else{let b={instancePath:r+
"/Statement/"+p+"/Condition/"+s.replace(/~/g,"~0").replace(/\//g,"~1")+"/"+i.replace(/~/g,"~0").replace(/\//g,"~1"),schemaPath:"#/properties/Statement/anyOf/1/i\
tems/properties/Condition/additionalProperties/additionalProperties/anyOf",keyword:"anyOf",params:{}};t===null?t=[b]:t.push(b),e++}var Je=y===e;if(!Je)break}else{
let i={instancePath:r+"/Statement/"+p+"/Condition/"+s.replace(/~/g,"~0").replace(/\//g,"~1"),schemaPath:"#/properties/Statement/anyOf/1/items/properties/Conditi\
on/additionalProperties/type",keyword:"type",params:{type:"object"}};t===null?t=[i]:t.push(i),e++}var Ke=O===e;if(!Ke)break}else{let s={instancePath:r+"/Stateme\
nt/"+p+"/Condition",schemaPath:"#/properties/Statement/anyOf/1/items/properties/Condition/type",keyword:"type",params:{type:"object"}};t===null?t=[s]:t.push(s),
e++}var S=o===e}else var S=!0}}}}}}}}}else{let n={instancePath:r+"/Statement/"+p,schemaPath:"#/properties/Statement/anyOf/1/items/type",keyword:"type",params:{type:"\
object"}};t===null?t=[n]:t.push(n),e++}var Ae=R===e;if(!Ae)break}}else{let _={instancePath:r+"/Statement",schemaPath:"#/properties/Statement/anyOf/1/type",keyword:"\
type",params:{type:"array"}};t===null?t=[_]:t.push(_),e++}var se=D===e;G=G||se}if(G)e=ue,t!==null&&(ue?t.length=ue:t=null);else{let D={instancePath:r+"/Statemen\
t",schemaPath:"#/properties/Statement/anyOf",keyword:"anyOf",params:{}};return t===null?t=[D]:t.push(D),e++,z.errors=t,!1}var F=Le===e}else var F=!0}}else return z.
errors=[{instancePath:r,schemaPath:"#/type",keyword:"type",params:{type:"object"}}],!1;return z.errors=t,e===0}return Ye(et);})();
export const isPolicy: Validator = validators.isPolicy;
