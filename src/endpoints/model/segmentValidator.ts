// @ts-nocheck
// Made by `node tools/validators.ts`.
import type { ErrorObject } from 'ajv';
interface Validator {
  (value: unknown): boolean;
  readonly errors?: readonly ErrorObject[] | null;
}
"use strict";var validators=(()=>{var ne=Object.defineProperty;var ge=Object.getOwnPropertyDescriptor;var be=Object.getOwnPropertyNames;var Se=Object.prototype.hasOwnProperty;var Pe=(a,t)=>()=>{try{return t||a((t={exports:{}}).exports,t),t.exports}catch(U){throw t=0,U}},ve=(a,t)=>{for(var U in t)ne(a,U,{get:t[U],enumerable:!0})},De=(a,t,U,B)=>{
if(t&&typeof t=="object"||typeof t=="function")for(let _ of be(t))!Se.call(a,_)&&_!==U&&ne(a,_,{get:()=>t[_],enumerable:!(B=ge(t,_))||B.enumerable});return a};var Te=a=>De(ne({},"__esModule",{value:!0}),a);var fe=Pe(pe=>{"use strict";Object.defineProperty(pe,"__esModule",{value:!0});function ye(a){let t=a.length,U=0,B=0,_;for(;B<t;)U++,_=a.charCodeAt(B++),_>=55296&&
_<=56319&&B<t&&(_=a.charCodeAt(B),(_&64512)===56320&&B++);return U}pe.default=ye;ye.code='require("ajv/dist/runtime/ucs2length").default'});var Ve={};ve(Ve,{isSegment:()=>Ae});var Ae=F,I={$schema:"http://json-schema.org/draft-07/schema#",title:"Dynamic segment of Amazon Pinpoint",description:"WriteS\
egmentRequest of the API: a name, and either Dimensions or SegmentGroups. Endpoints belong to the segment as long as they match.",type:"object",properties:{Name:{
description:"Name of the segment. Names need not be unique.",type:"string",minLength:1},Dimensions:{$ref:"#/definitions/SegmentDimensions"},SegmentGroups:{$ref:"\
#/definitions/SegmentGroupList"},tags:{description:"Tags of the segment: at most 50, keys of at most 128 characters, values of at most 256. AWS deprecated chang\
ing them here on 2023-05-22.",type:"object",maxProperties:50,propertyNames:{maxLength:128},additionalProperties:{type:"string",maxLength:256}}},additionalProperties:!1,
not:{type:"object",required:["Dimensions","SegmentGroups"]},definitions:{SegmentDimensions:{description:"Criteria that endpoints must match, all of them; at mos\
t 100 dimensions. If empty, all endpoints of the project match.",type:"object",properties:{Attributes:{description:"Attributes of the endpoint, by name.",type:"\
object",additionalProperties:{$ref:"#/definitions/AttributeDimension"}},UserAttributes:{description:"Attributes of the user, by name.",type:"object",additionalProperties:{
$ref:"#/definitions/AttributeDimension"}},Metrics:{description:"Metrics of the endpoint, by name.",type:"object",additionalProperties:{$ref:"#/definitions/Metri\
cDimension"}},Behavior:{description:"How recently the endpoint was active.",type:"object",properties:{Recency:{$ref:"#/definitions/RecencyDimension"}},additionalProperties:!1},
Demographic:{description:"App, channel and device.",type:"object",properties:{AppVersion:{$ref:"#/definitions/SetDimension"},Channel:{$ref:"#/definitions/SetDim\
ension"},DeviceType:{$ref:"#/definitions/SetDimension"},Make:{$ref:"#/definitions/SetDimension"},Model:{$ref:"#/definitions/SetDimension"},Platform:{$ref:"#/def\
initions/SetDimension"}},additionalProperties:!1},Location:{description:"Location of the endpoint.",type:"object",properties:{Country:{$ref:"#/definitions/SetDi\
mension"},GPSPoint:{description:"A point and a distance from it.",type:"object",properties:{Coordinates:{description:"The point.",type:"object",properties:{Latitude:{
description:"From -90 to 90.",type:"number",minimum:-90,maximum:90},Longitude:{description:"From -180 to 180.",type:"number",minimum:-180,maximum:180}},additionalProperties:!1,
required:["Latitude","Longitude"]},RangeInKilometers:{description:"The distance from the point, in kilometers.",type:"number",minimum:0}},additionalProperties:!1,
required:["Coordinates"]}},additionalProperties:!1}},additionalProperties:!1},SetDimension:{description:"Values to include or exclude.",type:"object",properties:{
DimensionType:{description:"Whether endpoints with these values belong to the segment.",type:"string",enum:["INCLUSIVE","EXCLUSIVE"],enumDescriptions:["Endpoint\
s that have one of the values.","Endpoints that have none of the values."]},Values:{description:"The values, such as EMAIL for Channel or US for Country.",type:"\
array",items:{type:"string"}}},additionalProperties:!1,required:["Values"]},AttributeDimension:{description:"Values of an attribute, and how to compare with the\
m.",type:"object",properties:{AttributeType:{description:"How to compare. Dates are in ISO 8601.",type:"string",enum:["INCLUSIVE","EXCLUSIVE","CONTAINS","BEFORE",
"AFTER","BETWEEN","NOT_BETWEEN","ON"],enumDescriptions:["The attribute has one of the values.","The attribute has none of the values.","A value of the attribute\
 contains one of these.","The date lies before the value.","The date lies after the value.","The date lies between the two values.","The date does not lie betwe\
en the two values. In the API reference; the SDK's model lacks it.","The date is the value's."]},Values:{description:"The values: one for BEFORE, AFTER and ON, \
two for BETWEEN.",type:"array",items:{type:"string"}}},additionalProperties:!1,required:["Values"]},MetricDimension:{description:"A number, and how to compare w\
ith it.",type:"object",properties:{ComparisonOperator:{description:"How the metric compares with Value.",type:"string",enum:["GREATER_THAN","LESS_THAN","GREATER\
_THAN_OR_EQUAL","LESS_THAN_OR_EQUAL","EQUAL"],enumDescriptions:["More than Value.","Less than Value.","Value or more.","Value or less.","Value."]},Value:{description:"\
The number.",type:"number"}},additionalProperties:!1,required:["ComparisonOperator","Value"]},RecencyDimension:{description:"Activity within a period.",type:"ob\
ject",properties:{Duration:{description:"The period.",type:"string",enum:["HR_24","DAY_7","DAY_14","DAY_30"],enumDescriptions:["The last 24 hours.","The last 7 \
days.","The last 14 days.","The last 30 days."]},RecencyType:{description:"Whether it was active.",type:"string",enum:["ACTIVE","INACTIVE"],enumDescriptions:["I\
t was active within the time.","It was not."]}},additionalProperties:!1,required:["Duration","RecencyType"]},SegmentGroupList:{description:"Groups of criteria. \
The API accepts at most one group.",type:"object",properties:{Groups:{description:"The groups: at most one.",type:"array",maxItems:1,items:{$ref:"#/definitions/\
SegmentGroup"}},Include:{description:"How groups are combined.",type:"string",enum:["ALL","ANY","NONE"],enumDescriptions:["Endpoints that are in all groups.","E\
ndpoints that are in one of the groups.","Endpoints that are in no group."]}},additionalProperties:!1},SegmentGroup:{description:"Base segments, and dimensions \
that narrow them.",type:"object",properties:{Dimensions:{description:"Criteria that endpoints must match.",type:"array",items:{$ref:"#/definitions/SegmentDimens\
ions"}},SourceSegments:{description:"Base segments: several dynamic segments, or one imported segment.",type:"array",items:{description:"A segment of the same p\
roject.",type:"object",properties:{Id:{description:"ID of the segment.",type:"string"},Version:{description:"Version of the segment. If omitted, the latest.",type:"\
integer",minimum:1}},additionalProperties:!1,required:["Id"]}},SourceType:{description:"How the base segments are combined.",type:"string",enum:["ALL","ANY","NO\
NE"],enumDescriptions:["Endpoints that are in all of them.","Endpoints that are in one of them.","Endpoints that are in none of them."]},Type:{description:"How \
the dimensions are combined.",type:"string",enum:["ALL","ANY","NONE"],enumDescriptions:["Endpoints that fit all of them.","Endpoints that fit one of them.","End\
points that fit none of them."]}},additionalProperties:!1}},$id:"isSegment"},m=Object.prototype.hasOwnProperty,me=fe().default,f={description:"Criteria that end\
points must match, all of them; at most 100 dimensions. If empty, all endpoints of the project match.",type:"object",properties:{Attributes:{description:"Attrib\
utes of the endpoint, by name.",type:"object",additionalProperties:{$ref:"#/definitions/AttributeDimension"}},UserAttributes:{description:"Attributes of the use\
r, by name.",type:"object",additionalProperties:{$ref:"#/definitions/AttributeDimension"}},Metrics:{description:"Metrics of the endpoint, by name.",type:"object",
additionalProperties:{$ref:"#/definitions/MetricDimension"}},Behavior:{description:"How recently the endpoint was active.",type:"object",properties:{Recency:{$ref:"\
#/definitions/RecencyDimension"}},additionalProperties:!1},Demographic:{description:"App, channel and device.",type:"object",properties:{AppVersion:{$ref:"#/def\
initions/SetDimension"},Channel:{$ref:"#/definitions/SetDimension"},DeviceType:{$ref:"#/definitions/SetDimension"},Make:{$ref:"#/definitions/SetDimension"},Model:{
$ref:"#/definitions/SetDimension"},Platform:{$ref:"#/definitions/SetDimension"}},additionalProperties:!1},Location:{description:"Location of the endpoint.",type:"\
object",properties:{Country:{$ref:"#/definitions/SetDimension"},GPSPoint:{description:"A point and a distance from it.",type:"object",properties:{Coordinates:{description:"\
The point.",type:"object",properties:{Latitude:{description:"From -90 to 90.",type:"number",minimum:-90,maximum:90},Longitude:{description:"From -180 to 180.",type:"\
number",minimum:-180,maximum:180}},additionalProperties:!1,required:["Latitude","Longitude"]},RangeInKilometers:{description:"The distance from the point, in ki\
lometers.",type:"number",minimum:0}},additionalProperties:!1,required:["Coordinates"]}},additionalProperties:!1}},additionalProperties:!1},v={description:"Value\
s of an attribute, and how to compare with them.",type:"object",properties:{AttributeType:{description:"How to compare. Dates are in ISO 8601.",type:"string",enum:[
"INCLUSIVE","EXCLUSIVE","CONTAINS","BEFORE","AFTER","BETWEEN","NOT_BETWEEN","ON"],enumDescriptions:["The attribute has one of the values.","The attribute has no\
ne of the values.","A value of the attribute contains one of these.","The date lies before the value.","The date lies after the value.","The date lies between t\
he two values.","The date does not lie between the two values. In the API reference; the SDK's model lacks it.","The date is the value's."]},Values:{description:"\
The values: one for BEFORE, AFTER and ON, two for BETWEEN.",type:"array",items:{type:"string"}}},additionalProperties:!1,required:["Values"]},H={description:"A \
number, and how to compare with it.",type:"object",properties:{ComparisonOperator:{description:"How the metric compares with Value.",type:"string",enum:["GREATE\
R_THAN","LESS_THAN","GREATER_THAN_OR_EQUAL","LESS_THAN_OR_EQUAL","EQUAL"],enumDescriptions:["More than Value.","Less than Value.","Value or more.","Value or les\
s.","Value."]},Value:{description:"The number.",type:"number"}},additionalProperties:!1,required:["ComparisonOperator","Value"]},q={description:"Activity within\
 a period.",type:"object",properties:{Duration:{description:"The period.",type:"string",enum:["HR_24","DAY_7","DAY_14","DAY_30"],enumDescriptions:["The last 24 \
hours.","The last 7 days.","The last 14 days.","The last 30 days."]},RecencyType:{description:"Whether it was active.",type:"string",enum:["ACTIVE","INACTIVE"],
enumDescriptions:["It was active within the time.","It was not."]}},additionalProperties:!1,required:["Duration","RecencyType"]},n={description:"Values to inclu\
de or exclude.",type:"object",properties:{DimensionType:{description:"Whether endpoints with these values belong to the segment.",type:"string",enum:["INCLUSIVE",
"EXCLUSIVE"],enumDescriptions:["Endpoints that have one of the values.","Endpoints that have none of the values."]},Values:{description:"The values, such as EMA\
IL for Channel or US for Country.",type:"array",items:{type:"string"}}},additionalProperties:!1,required:["Values"]};function i(a,{instancePath:t="",parentData:U,
parentDataProperty:B,rootData:_=a}={}){let y=null,e=0;if(e===0)if(a&&typeof a=="object"&&!Array.isArray(a)){let he=e;for(let p of Object.keys(a))if(!(p==="Attri\
butes"||p==="UserAttributes"||p==="Metrics"||p==="Behavior"||p==="Demographic"||p==="Location")){return i.errors=[{instancePath:t,schemaPath:"#/additionalProper\
ties",keyword:"additionalProperties",params:{additionalProperty:p},message:"must NOT have additional properties",schema:!1,parentSchema:f,data:a}],!1;break}if(he===
e){if(a.Attributes!==void 0&&m.call(a,"Attributes")){let p=a.Attributes,N=e;if(e===N)if(p&&typeof p=="object"&&!Array.isArray(p))for(let z of Object.keys(p)){let h=p[z],
r=e;if(e===e)if(h&&typeof h=="object"&&!Array.isArray(h)){let C;if((h.Values===void 0||!m.call(h,"Values"))&&(C="Values"))return i.errors=[{instancePath:t+"/Att\
ributes/"+z.replace(/~/g,"~0").replace(/\//g,"~1"),schemaPath:"#/definitions/AttributeDimension/required",keyword:"required",params:{missingProperty:C},message:"\
must have required property '"+C+"'",schema:v.required,parentSchema:v,data:h}],!1;{let V=e;for(let l of Object.keys(h))if(!(l==="AttributeType"||l==="Values")){
return i.errors=[{instancePath:t+"/Attributes/"+z.replace(/~/g,"~0").replace(/\//g,"~1"),schemaPath:"#/definitions/AttributeDimension/additionalProperties",keyword:"\
additionalProperties",params:{additionalProperty:l},message:"must NOT have additional properties",schema:!1,parentSchema:v,data:h}],!1;break}if(V===e){if(h.AttributeType!==
void 0&&m.call(h,"AttributeType")){let l=h.AttributeType,s=e;if(typeof l!="string")return i.errors=[{instancePath:t+"/Attributes/"+z.replace(/~/g,"~0").replace(
/\//g,"~1")+"/AttributeType",schemaPath:"#/definitions/AttributeDimension/properties/AttributeType/type",keyword:"type",params:{type:"string"},message:"must be \
string",schema:v.properties.AttributeType.type,parentSchema:v.properties.AttributeType,data:l}],!1;if(!(l==="INCLUSIVE"||l==="EXCLUSIVE"||l==="CONTAINS"||l==="B\
EFORE"||l==="AFTER"||l==="BETWEEN"||l==="NOT_BETWEEN"||l==="ON"))return i.errors=[{instancePath:t+"/Attributes/"+z.replace(/~/g,"~0").replace(/\//g,"~1")+"/Attr\
ibuteType",schemaPath:"#/definitions/AttributeDimension/properties/AttributeType/enum",keyword:"enum",params:{allowedValues:v.properties.AttributeType.enum},message:"\
must be equal to one of the allowed values",schema:v.properties.AttributeType.enum,parentSchema:v.properties.AttributeType,data:l}],!1;var R=s===e}else var R=!0;
if(R)if(h.Values!==void 0&&m.call(h,"Values")){let l=h.Values,s=e;if(e===s)if(Array.isArray(l)){var L=!0;let S=l.length;for(let x=0;x<S;x++){let d=l[x],u=e;if(typeof d!=
"string")return i.errors=[{instancePath:t+"/Attributes/"+z.replace(/~/g,"~0").replace(/\//g,"~1")+"/Values/"+x,schemaPath:"#/definitions/AttributeDimension/prop\
erties/Values/items/type",keyword:"type",params:{type:"string"},message:"must be string",schema:v.properties.Values.items.type,parentSchema:v.properties.Values.
items,data:d}],!1;var L=u===e;if(!L)break}}else return i.errors=[{instancePath:t+"/Attributes/"+z.replace(/~/g,"~0").replace(/\//g,"~1")+"/Values",schemaPath:"#\
/definitions/AttributeDimension/properties/Values/type",keyword:"type",params:{type:"array"},message:"must be array",schema:v.properties.Values.type,parentSchema:v.
properties.Values,data:l}],!1;var R=s===e}else var R=!0}}}else return i.errors=[{instancePath:t+"/Attributes/"+z.replace(/~/g,"~0").replace(/\//g,"~1"),schemaPath:"\
#/definitions/AttributeDimension/type",keyword:"type",params:{type:"object"},message:"must be object",schema:v.type,parentSchema:v,data:h}],!1;var X=r===e;if(!X)
break}else return i.errors=[{instancePath:t+"/Attributes",schemaPath:"#/properties/Attributes/type",keyword:"type",params:{type:"object"},message:"must be objec\
t",schema:f.properties.Attributes.type,parentSchema:f.properties.Attributes,data:p}],!1;var c=N===e}else var c=!0;if(c){if(a.UserAttributes!==void 0&&m.call(a,"\
UserAttributes")){let p=a.UserAttributes,N=e;if(e===N)if(p&&typeof p=="object"&&!Array.isArray(p))for(let h of Object.keys(p)){let r=p[h],w=e;if(e===e)if(r&&typeof r==
"object"&&!Array.isArray(r)){let V;if((r.Values===void 0||!m.call(r,"Values"))&&(V="Values"))return i.errors=[{instancePath:t+"/UserAttributes/"+h.replace(/~/g,
"~0").replace(/\//g,"~1"),schemaPath:"#/definitions/AttributeDimension/required",keyword:"required",params:{missingProperty:V},message:"must have required prope\
rty '"+V+"'",schema:v.required,parentSchema:v,data:r}],!1;{let l=e;for(let s of Object.keys(r))if(!(s==="AttributeType"||s==="Values")){return i.errors=[{instancePath:t+
"/UserAttributes/"+h.replace(/~/g,"~0").replace(/\//g,"~1"),schemaPath:"#/definitions/AttributeDimension/additionalProperties",keyword:"additionalProperties",params:{
additionalProperty:s},message:"must NOT have additional properties",schema:!1,parentSchema:v,data:r}],!1;break}if(l===e){if(r.AttributeType!==void 0&&m.call(r,"\
AttributeType")){let s=r.AttributeType,o=e;if(typeof s!="string")return i.errors=[{instancePath:t+"/UserAttributes/"+h.replace(/~/g,"~0").replace(/\//g,"~1")+"/\
AttributeType",schemaPath:"#/definitions/AttributeDimension/properties/AttributeType/type",keyword:"type",params:{type:"string"},message:"must be string",schema:v.
properties.AttributeType.type,parentSchema:v.properties.AttributeType,data:s}],!1;if(!(s==="INCLUSIVE"||s==="EXCLUSIVE"||s==="CONTAINS"||s==="BEFORE"||s==="AFTE\
R"||s==="BETWEEN"||s==="NOT_BETWEEN"||s==="ON"))return i.errors=[{instancePath:t+"/UserAttributes/"+h.replace(/~/g,"~0").replace(/\//g,"~1")+"/AttributeType",schemaPath:"\
#/definitions/AttributeDimension/properties/AttributeType/enum",keyword:"enum",params:{allowedValues:v.properties.AttributeType.enum},message:"must be equal to \
one of the allowed values",schema:v.properties.AttributeType.enum,parentSchema:v.properties.AttributeType,data:s}],!1;var M=o===e}else var M=!0;if(M)if(r.Values!==
void 0&&m.call(r,"Values")){let s=r.Values,o=e;if(e===o)if(Array.isArray(s)){var g=!0;let x=s.length;for(let d=0;d<x;d++){let u=s[d],E=e;if(typeof u!="string")return i.
errors=[{instancePath:t+"/UserAttributes/"+h.replace(/~/g,"~0").replace(/\//g,"~1")+"/Values/"+d,schemaPath:"#/definitions/AttributeDimension/properties/Values/\
items/type",keyword:"type",params:{type:"string"},message:"must be string",schema:v.properties.Values.items.type,parentSchema:v.properties.Values.items,data:u}],
!1;var g=E===e;if(!g)break}}else return i.errors=[{instancePath:t+"/UserAttributes/"+h.replace(/~/g,"~0").replace(/\//g,"~1")+"/Values",schemaPath:"#/definition\
s/AttributeDimension/properties/Values/type",keyword:"type",params:{type:"array"},message:"must be array",schema:v.properties.Values.type,parentSchema:v.properties.
Values,data:s}],!1;var M=o===e}else var M=!0}}}else return i.errors=[{instancePath:t+"/UserAttributes/"+h.replace(/~/g,"~0").replace(/\//g,"~1"),schemaPath:"#/d\
efinitions/AttributeDimension/type",keyword:"type",params:{type:"object"},message:"must be object",schema:v.type,parentSchema:v,data:r}],!1;var T=w===e;if(!T)break}else
return i.errors=[{instancePath:t+"/UserAttributes",schemaPath:"#/properties/UserAttributes/type",keyword:"type",params:{type:"object"},message:"must be object",
schema:f.properties.UserAttributes.type,parentSchema:f.properties.UserAttributes,data:p}],!1;var c=N===e}else var c=!0;if(c){if(a.Metrics!==void 0&&m.call(a,"Me\
trics")){let p=a.Metrics,N=e;if(e===N)if(p&&typeof p=="object"&&!Array.isArray(p))for(let h of Object.keys(p)){let r=p[h],w=e;if(e===e)if(r&&typeof r=="object"&&
!Array.isArray(r)){let V;if((r.ComparisonOperator===void 0||!m.call(r,"ComparisonOperator"))&&(V="ComparisonOperator")||(r.Value===void 0||!m.call(r,"Value"))&&
(V="Value"))return i.errors=[{instancePath:t+"/Metrics/"+h.replace(/~/g,"~0").replace(/\//g,"~1"),schemaPath:"#/definitions/MetricDimension/required",keyword:"r\
equired",params:{missingProperty:V},message:"must have required property '"+V+"'",schema:H.required,parentSchema:H,data:r}],!1;{let l=e;for(let s of Object.keys(
r))if(!(s==="ComparisonOperator"||s==="Value")){return i.errors=[{instancePath:t+"/Metrics/"+h.replace(/~/g,"~0").replace(/\//g,"~1"),schemaPath:"#/definitions/\
MetricDimension/additionalProperties",keyword:"additionalProperties",params:{additionalProperty:s},message:"must NOT have additional properties",schema:!1,parentSchema:H,
data:r}],!1;break}if(l===e){if(r.ComparisonOperator!==void 0&&m.call(r,"ComparisonOperator")){let s=r.ComparisonOperator,o=e;if(typeof s!="string")return i.errors=
[{instancePath:t+"/Metrics/"+h.replace(/~/g,"~0").replace(/\//g,"~1")+"/ComparisonOperator",schemaPath:"#/definitions/MetricDimension/properties/ComparisonOpera\
tor/type",keyword:"type",params:{type:"string"},message:"must be string",schema:H.properties.ComparisonOperator.type,parentSchema:H.properties.ComparisonOperator,
data:s}],!1;if(!(s==="GREATER_THAN"||s==="LESS_THAN"||s==="GREATER_THAN_OR_EQUAL"||s==="LESS_THAN_OR_EQUAL"||s==="EQUAL"))return i.errors=[{instancePath:t+"/Met\
rics/"+h.replace(/~/g,"~0").replace(/\//g,"~1")+"/ComparisonOperator",schemaPath:"#/definitions/MetricDimension/properties/ComparisonOperator/enum",keyword:"enu\
m",params:{allowedValues:H.properties.ComparisonOperator.enum},message:"must be equal to one of the allowed values",schema:H.properties.ComparisonOperator.enum,
parentSchema:H.properties.ComparisonOperator,data:s}],!1;var b=o===e}else var b=!0;if(b)if(r.Value!==void 0&&m.call(r,"Value")){let s=r.Value,o=e;if(!(typeof s==
"number"&&isFinite(s)))return i.errors=[{instancePath:t+"/Metrics/"+h.replace(/~/g,"~0").replace(/\//g,"~1")+"/Value",schemaPath:"#/definitions/MetricDimension/\
properties/Value/type",keyword:"type",params:{type:"number"},message:"must be number",schema:H.properties.Value.type,parentSchema:H.properties.Value,data:s}],!1;
var b=o===e}else var b=!0}}}else return i.errors=[{instancePath:t+"/Metrics/"+h.replace(/~/g,"~0").replace(/\//g,"~1"),schemaPath:"#/definitions/MetricDimension\
/type",keyword:"type",params:{type:"object"},message:"must be object",schema:H.type,parentSchema:H,data:r}],!1;var G=w===e;if(!G)break}else return i.errors=[{instancePath:t+
"/Metrics",schemaPath:"#/properties/Metrics/type",keyword:"type",params:{type:"object"},message:"must be object",schema:f.properties.Metrics.type,parentSchema:f.
properties.Metrics,data:p}],!1;var c=N===e}else var c=!0;if(c){if(a.Behavior!==void 0&&m.call(a,"Behavior")){let p=a.Behavior,N=e;if(e===N)if(p&&typeof p=="obje\
ct"&&!Array.isArray(p)){let h=e;for(let r of Object.keys(p))if(r!=="Recency"){return i.errors=[{instancePath:t+"/Behavior",schemaPath:"#/properties/Behavior/add\
itionalProperties",keyword:"additionalProperties",params:{additionalProperty:r},message:"must NOT have additional properties",schema:!1,parentSchema:f.properties.
Behavior,data:p}],!1;break}if(h===e&&p.Recency!==void 0&&m.call(p,"Recency")){let r=p.Recency;if(e===e)if(r&&typeof r=="object"&&!Array.isArray(r)){let C;if((r.
Duration===void 0||!m.call(r,"Duration"))&&(C="Duration")||(r.RecencyType===void 0||!m.call(r,"RecencyType"))&&(C="RecencyType"))return i.errors=[{instancePath:t+
"/Behavior/Recency",schemaPath:"#/definitions/RecencyDimension/required",keyword:"required",params:{missingProperty:C},message:"must have required property '"+C+
"'",schema:q.required,parentSchema:q,data:r}],!1;{let V=e;for(let l of Object.keys(r))if(!(l==="Duration"||l==="RecencyType")){return i.errors=[{instancePath:t+
"/Behavior/Recency",schemaPath:"#/definitions/RecencyDimension/additionalProperties",keyword:"additionalProperties",params:{additionalProperty:l},message:"must \
NOT have additional properties",schema:!1,parentSchema:q,data:r}],!1;break}if(V===e){if(r.Duration!==void 0&&m.call(r,"Duration")){let l=r.Duration,s=e;if(typeof l!=
"string")return i.errors=[{instancePath:t+"/Behavior/Recency/Duration",schemaPath:"#/definitions/RecencyDimension/properties/Duration/type",keyword:"type",params:{
type:"string"},message:"must be string",schema:q.properties.Duration.type,parentSchema:q.properties.Duration,data:l}],!1;if(!(l==="HR_24"||l==="DAY_7"||l==="DAY\
_14"||l==="DAY_30"))return i.errors=[{instancePath:t+"/Behavior/Recency/Duration",schemaPath:"#/definitions/RecencyDimension/properties/Duration/enum",keyword:"\
enum",params:{allowedValues:q.properties.Duration.enum},message:"must be equal to one of the allowed values",schema:q.properties.Duration.enum,parentSchema:q.properties.
Duration,data:l}],!1;var O=s===e}else var O=!0;if(O)if(r.RecencyType!==void 0&&m.call(r,"RecencyType")){let l=r.RecencyType,s=e;if(typeof l!="string")return i.errors=
[{instancePath:t+"/Behavior/Recency/RecencyType",schemaPath:"#/definitions/RecencyDimension/properties/RecencyType/type",keyword:"type",params:{type:"string"},message:"\
must be string",schema:q.properties.RecencyType.type,parentSchema:q.properties.RecencyType,data:l}],!1;if(!(l==="ACTIVE"||l==="INACTIVE"))return i.errors=[{instancePath:t+
"/Behavior/Recency/RecencyType",schemaPath:"#/definitions/RecencyDimension/properties/RecencyType/enum",keyword:"enum",params:{allowedValues:q.properties.RecencyType.
enum},message:"must be equal to one of the allowed values",schema:q.properties.RecencyType.enum,parentSchema:q.properties.RecencyType,data:l}],!1;var O=s===e}else
var O=!0}}}else return i.errors=[{instancePath:t+"/Behavior/Recency",schemaPath:"#/definitions/RecencyDimension/type",keyword:"type",params:{type:"object"},message:"\
must be object",schema:q.type,parentSchema:q,data:r}],!1}}else return i.errors=[{instancePath:t+"/Behavior",schemaPath:"#/properties/Behavior/type",keyword:"typ\
e",params:{type:"object"},message:"must be object",schema:f.properties.Behavior.type,parentSchema:f.properties.Behavior,data:p}],!1;var c=N===e}else var c=!0;if(c){
if(a.Demographic!==void 0&&m.call(a,"Demographic")){let p=a.Demographic,N=e;if(e===N)if(p&&typeof p=="object"&&!Array.isArray(p)){let h=e;for(let r of Object.keys(
p))if(!(r==="AppVersion"||r==="Channel"||r==="DeviceType"||r==="Make"||r==="Model"||r==="Platform")){return i.errors=[{instancePath:t+"/Demographic",schemaPath:"\
#/properties/Demographic/additionalProperties",keyword:"additionalProperties",params:{additionalProperty:r},message:"must NOT have additional properties",schema:!1,
parentSchema:f.properties.Demographic,data:p}],!1;break}if(h===e){if(p.AppVersion!==void 0&&m.call(p,"AppVersion")){let r=p.AppVersion,w=e;if(e===e)if(r&&typeof r==
"object"&&!Array.isArray(r)){let V;if((r.Values===void 0||!m.call(r,"Values"))&&(V="Values"))return i.errors=[{instancePath:t+"/Demographic/AppVersion",schemaPath:"\
#/definitions/SetDimension/required",keyword:"required",params:{missingProperty:V},message:"must have required property '"+V+"'",schema:n.required,parentSchema:n,
data:r}],!1;{let l=e;for(let s of Object.keys(r))if(!(s==="DimensionType"||s==="Values")){return i.errors=[{instancePath:t+"/Demographic/AppVersion",schemaPath:"\
#/definitions/SetDimension/additionalProperties",keyword:"additionalProperties",params:{additionalProperty:s},message:"must NOT have additional properties",schema:!1,
parentSchema:n,data:r}],!1;break}if(l===e){if(r.DimensionType!==void 0&&m.call(r,"DimensionType")){let s=r.DimensionType,o=e;if(typeof s!="string")return i.errors=
[{instancePath:t+"/Demographic/AppVersion/DimensionType",schemaPath:"#/definitions/SetDimension/properties/DimensionType/type",keyword:"type",params:{type:"stri\
ng"},message:"must be string",schema:n.properties.DimensionType.type,parentSchema:n.properties.DimensionType,data:s}],!1;if(!(s==="INCLUSIVE"||s==="EXCLUSIVE"))
return i.errors=[{instancePath:t+"/Demographic/AppVersion/DimensionType",schemaPath:"#/definitions/SetDimension/properties/DimensionType/enum",keyword:"enum",params:{
allowedValues:n.properties.DimensionType.enum},message:"must be equal to one of the allowed values",schema:n.properties.DimensionType.enum,parentSchema:n.properties.
DimensionType,data:s}],!1;var P=o===e}else var P=!0;if(P)if(r.Values!==void 0&&m.call(r,"Values")){let s=r.Values,o=e;if(e===o)if(Array.isArray(s)){var $=!0;let x=s.
length;for(let d=0;d<x;d++){let u=s[d],E=e;if(typeof u!="string")return i.errors=[{instancePath:t+"/Demographic/AppVersion/Values/"+d,schemaPath:"#/definitions/\
SetDimension/properties/Values/items/type",keyword:"type",params:{type:"string"},message:"must be string",schema:n.properties.Values.items.type,parentSchema:n.properties.
Values.items,data:u}],!1;var $=E===e;if(!$)break}}else return i.errors=[{instancePath:t+"/Demographic/AppVersion/Values",schemaPath:"#/definitions/SetDimension/\
properties/Values/type",keyword:"type",params:{type:"array"},message:"must be array",schema:n.properties.Values.type,parentSchema:n.properties.Values,data:s}],!1;
var P=o===e}else var P=!0}}}else return i.errors=[{instancePath:t+"/Demographic/AppVersion",schemaPath:"#/definitions/SetDimension/type",keyword:"type",params:{
type:"object"},message:"must be object",schema:n.type,parentSchema:n,data:r}],!1;var A=w===e}else var A=!0;if(A){if(p.Channel!==void 0&&m.call(p,"Channel")){let r=p.
Channel,w=e;if(e===e)if(r&&typeof r=="object"&&!Array.isArray(r)){let l;if((r.Values===void 0||!m.call(r,"Values"))&&(l="Values"))return i.errors=[{instancePath:t+
"/Demographic/Channel",schemaPath:"#/definitions/SetDimension/required",keyword:"required",params:{missingProperty:l},message:"must have required property '"+l+
"'",schema:n.required,parentSchema:n,data:r}],!1;{let s=e;for(let o of Object.keys(r))if(!(o==="DimensionType"||o==="Values")){return i.errors=[{instancePath:t+
"/Demographic/Channel",schemaPath:"#/definitions/SetDimension/additionalProperties",keyword:"additionalProperties",params:{additionalProperty:o},message:"must N\
OT have additional properties",schema:!1,parentSchema:n,data:r}],!1;break}if(s===e){if(r.DimensionType!==void 0&&m.call(r,"DimensionType")){let o=r.DimensionType,
S=e;if(typeof o!="string")return i.errors=[{instancePath:t+"/Demographic/Channel/DimensionType",schemaPath:"#/definitions/SetDimension/properties/DimensionType/\
type",keyword:"type",params:{type:"string"},message:"must be string",schema:n.properties.DimensionType.type,parentSchema:n.properties.DimensionType,data:o}],!1;
if(!(o==="INCLUSIVE"||o==="EXCLUSIVE"))return i.errors=[{instancePath:t+"/Demographic/Channel/DimensionType",schemaPath:"#/definitions/SetDimension/properties/D\
imensionType/enum",keyword:"enum",params:{allowedValues:n.properties.DimensionType.enum},message:"must be equal to one of the allowed values",schema:n.properties.
DimensionType.enum,parentSchema:n.properties.DimensionType,data:o}],!1;var Q=S===e}else var Q=!0;if(Q)if(r.Values!==void 0&&m.call(r,"Values")){let o=r.Values,S=e;
if(e===S)if(Array.isArray(o)){var Z=!0;let d=o.length;for(let u=0;u<d;u++){let E=o[u],K=e;if(typeof E!="string")return i.errors=[{instancePath:t+"/Demographic/C\
hannel/Values/"+u,schemaPath:"#/definitions/SetDimension/properties/Values/items/type",keyword:"type",params:{type:"string"},message:"must be string",schema:n.properties.
Values.items.type,parentSchema:n.properties.Values.items,data:E}],!1;var Z=K===e;if(!Z)break}}else return i.errors=[{instancePath:t+"/Demographic/Channel/Values",
schemaPath:"#/definitions/SetDimension/properties/Values/type",keyword:"type",params:{type:"array"},message:"must be array",schema:n.properties.Values.type,parentSchema:n.
properties.Values,data:o}],!1;var Q=S===e}else var Q=!0}}}else return i.errors=[{instancePath:t+"/Demographic/Channel",schemaPath:"#/definitions/SetDimension/ty\
pe",keyword:"type",params:{type:"object"},message:"must be object",schema:n.type,parentSchema:n,data:r}],!1;var A=w===e}else var A=!0;if(A){if(p.DeviceType!==void 0&&
m.call(p,"DeviceType")){let r=p.DeviceType,w=e;if(e===e)if(r&&typeof r=="object"&&!Array.isArray(r)){let l;if((r.Values===void 0||!m.call(r,"Values"))&&(l="Valu\
es"))return i.errors=[{instancePath:t+"/Demographic/DeviceType",schemaPath:"#/definitions/SetDimension/required",keyword:"required",params:{missingProperty:l},message:"\
must have required property '"+l+"'",schema:n.required,parentSchema:n,data:r}],!1;{let s=e;for(let o of Object.keys(r))if(!(o==="DimensionType"||o==="Values")){
return i.errors=[{instancePath:t+"/Demographic/DeviceType",schemaPath:"#/definitions/SetDimension/additionalProperties",keyword:"additionalProperties",params:{additionalProperty:o},
message:"must NOT have additional properties",schema:!1,parentSchema:n,data:r}],!1;break}if(s===e){if(r.DimensionType!==void 0&&m.call(r,"DimensionType")){let o=r.
DimensionType,S=e;if(typeof o!="string")return i.errors=[{instancePath:t+"/Demographic/DeviceType/DimensionType",schemaPath:"#/definitions/SetDimension/properti\
es/DimensionType/type",keyword:"type",params:{type:"string"},message:"must be string",schema:n.properties.DimensionType.type,parentSchema:n.properties.DimensionType,
data:o}],!1;if(!(o==="INCLUSIVE"||o==="EXCLUSIVE"))return i.errors=[{instancePath:t+"/Demographic/DeviceType/DimensionType",schemaPath:"#/definitions/SetDimensi\
on/properties/DimensionType/enum",keyword:"enum",params:{allowedValues:n.properties.DimensionType.enum},message:"must be equal to one of the allowed values",schema:n.
properties.DimensionType.enum,parentSchema:n.properties.DimensionType,data:o}],!1;var k=S===e}else var k=!0;if(k)if(r.Values!==void 0&&m.call(r,"Values")){let o=r.
Values,S=e;if(e===S)if(Array.isArray(o)){var J=!0;let d=o.length;for(let u=0;u<d;u++){let E=o[u],K=e;if(typeof E!="string")return i.errors=[{instancePath:t+"/De\
mographic/DeviceType/Values/"+u,schemaPath:"#/definitions/SetDimension/properties/Values/items/type",keyword:"type",params:{type:"string"},message:"must be stri\
ng",schema:n.properties.Values.items.type,parentSchema:n.properties.Values.items,data:E}],!1;var J=K===e;if(!J)break}}else return i.errors=[{instancePath:t+"/De\
mographic/DeviceType/Values",schemaPath:"#/definitions/SetDimension/properties/Values/type",keyword:"type",params:{type:"array"},message:"must be array",schema:n.
properties.Values.type,parentSchema:n.properties.Values,data:o}],!1;var k=S===e}else var k=!0}}}else return i.errors=[{instancePath:t+"/Demographic/DeviceType",
schemaPath:"#/definitions/SetDimension/type",keyword:"type",params:{type:"object"},message:"must be object",schema:n.type,parentSchema:n,data:r}],!1;var A=w===e}else
var A=!0;if(A){if(p.Make!==void 0&&m.call(p,"Make")){let r=p.Make,w=e;if(e===e)if(r&&typeof r=="object"&&!Array.isArray(r)){let l;if((r.Values===void 0||!m.call(
r,"Values"))&&(l="Values"))return i.errors=[{instancePath:t+"/Demographic/Make",schemaPath:"#/definitions/SetDimension/required",keyword:"required",params:{missingProperty:l},
message:"must have required property '"+l+"'",schema:n.required,parentSchema:n,data:r}],!1;{let s=e;for(let o of Object.keys(r))if(!(o==="DimensionType"||o==="V\
alues")){return i.errors=[{instancePath:t+"/Demographic/Make",schemaPath:"#/definitions/SetDimension/additionalProperties",keyword:"additionalProperties",params:{
additionalProperty:o},message:"must NOT have additional properties",schema:!1,parentSchema:n,data:r}],!1;break}if(s===e){if(r.DimensionType!==void 0&&m.call(r,"\
DimensionType")){let o=r.DimensionType,S=e;if(typeof o!="string")return i.errors=[{instancePath:t+"/Demographic/Make/DimensionType",schemaPath:"#/definitions/Se\
tDimension/properties/DimensionType/type",keyword:"type",params:{type:"string"},message:"must be string",schema:n.properties.DimensionType.type,parentSchema:n.properties.
DimensionType,data:o}],!1;if(!(o==="INCLUSIVE"||o==="EXCLUSIVE"))return i.errors=[{instancePath:t+"/Demographic/Make/DimensionType",schemaPath:"#/definitions/Se\
tDimension/properties/DimensionType/enum",keyword:"enum",params:{allowedValues:n.properties.DimensionType.enum},message:"must be equal to one of the allowed val\
ues",schema:n.properties.DimensionType.enum,parentSchema:n.properties.DimensionType,data:o}],!1;var ee=S===e}else var ee=!0;if(ee)if(r.Values!==void 0&&m.call(r,
"Values")){let o=r.Values,S=e;if(e===S)if(Array.isArray(o)){var le=!0;let d=o.length;for(let u=0;u<d;u++){let E=o[u],K=e;if(typeof E!="string")return i.errors=[
{instancePath:t+"/Demographic/Make/Values/"+u,schemaPath:"#/definitions/SetDimension/properties/Values/items/type",keyword:"type",params:{type:"string"},message:"\
must be string",schema:n.properties.Values.items.type,parentSchema:n.properties.Values.items,data:E}],!1;var le=K===e;if(!le)break}}else return i.errors=[{instancePath:t+
"/Demographic/Make/Values",schemaPath:"#/definitions/SetDimension/properties/Values/type",keyword:"type",params:{type:"array"},message:"must be array",schema:n.
properties.Values.type,parentSchema:n.properties.Values,data:o}],!1;var ee=S===e}else var ee=!0}}}else return i.errors=[{instancePath:t+"/Demographic/Make",schemaPath:"\
#/definitions/SetDimension/type",keyword:"type",params:{type:"object"},message:"must be object",schema:n.type,parentSchema:n,data:r}],!1;var A=w===e}else var A=!0;
if(A){if(p.Model!==void 0&&m.call(p,"Model")){let r=p.Model,w=e;if(e===e)if(r&&typeof r=="object"&&!Array.isArray(r)){let l;if((r.Values===void 0||!m.call(r,"Va\
lues"))&&(l="Values"))return i.errors=[{instancePath:t+"/Demographic/Model",schemaPath:"#/definitions/SetDimension/required",keyword:"required",params:{missingProperty:l},
message:"must have required property '"+l+"'",schema:n.required,parentSchema:n,data:r}],!1;{let s=e;for(let o of Object.keys(r))if(!(o==="DimensionType"||o==="V\
alues")){return i.errors=[{instancePath:t+"/Demographic/Model",schemaPath:"#/definitions/SetDimension/additionalProperties",keyword:"additionalProperties",params:{
additionalProperty:o},message:"must NOT have additional properties",schema:!1,parentSchema:n,data:r}],!1;break}if(s===e){if(r.DimensionType!==void 0&&m.call(r,"\
DimensionType")){let o=r.DimensionType,S=e;if(typeof o!="string")return i.errors=[{instancePath:t+"/Demographic/Model/DimensionType",schemaPath:"#/definitions/S\
etDimension/properties/DimensionType/type",keyword:"type",params:{type:"string"},message:"must be string",schema:n.properties.DimensionType.type,parentSchema:n.
properties.DimensionType,data:o}],!1;if(!(o==="INCLUSIVE"||o==="EXCLUSIVE"))return i.errors=[{instancePath:t+"/Demographic/Model/DimensionType",schemaPath:"#/de\
finitions/SetDimension/properties/DimensionType/enum",keyword:"enum",params:{allowedValues:n.properties.DimensionType.enum},message:"must be equal to one of the\
 allowed values",schema:n.properties.DimensionType.enum,parentSchema:n.properties.DimensionType,data:o}],!1;var re=S===e}else var re=!0;if(re)if(r.Values!==void 0&&
m.call(r,"Values")){let o=r.Values,S=e;if(e===S)if(Array.isArray(o)){var ce=!0;let d=o.length;for(let u=0;u<d;u++){let E=o[u],K=e;if(typeof E!="string")return i.
errors=[{instancePath:t+"/Demographic/Model/Values/"+u,schemaPath:"#/definitions/SetDimension/properties/Values/items/type",keyword:"type",params:{type:"string"},
message:"must be string",schema:n.properties.Values.items.type,parentSchema:n.properties.Values.items,data:E}],!1;var ce=K===e;if(!ce)break}}else return i.errors=
[{instancePath:t+"/Demographic/Model/Values",schemaPath:"#/definitions/SetDimension/properties/Values/type",keyword:"type",params:{type:"array"},message:"must b\
e array",schema:n.properties.Values.type,parentSchema:n.properties.Values,data:o}],!1;var re=S===e}else var re=!0}}}else return i.errors=[{instancePath:t+"/Demo\
graphic/Model",schemaPath:"#/definitions/SetDimension/type",keyword:"type",params:{type:"object"},message:"must be object",schema:n.type,parentSchema:n,data:r}],
!1;var A=w===e}else var A=!0;if(A)if(p.Platform!==void 0&&m.call(p,"Platform")){let r=p.Platform,w=e;if(e===e)if(r&&typeof r=="object"&&!Array.isArray(r)){let l;
if((r.Values===void 0||!m.call(r,"Values"))&&(l="Values"))return i.errors=[{instancePath:t+"/Demographic/Platform",schemaPath:"#/definitions/SetDimension/requir\
ed",keyword:"required",params:{missingProperty:l},message:"must have required property '"+l+"'",schema:n.required,parentSchema:n,data:r}],!1;{let s=e;for(let o of Object.
keys(r))if(!(o==="DimensionType"||o==="Values")){return i.errors=[{instancePath:t+"/Demographic/Platform",schemaPath:"#/definitions/SetDimension/additionalPrope\
rties",keyword:"additionalProperties",params:{additionalProperty:o},message:"must NOT have additional properties",schema:!1,parentSchema:n,data:r}],!1;break}if(s===
e){if(r.DimensionType!==void 0&&m.call(r,"DimensionType")){let o=r.DimensionType,S=e;if(typeof o!="string")return i.errors=[{instancePath:t+"/Demographic/Platfo\
rm/DimensionType",schemaPath:"#/definitions/SetDimension/properties/DimensionType/type",keyword:"type",params:{type:"string"},message:"must be string",schema:n.
properties.DimensionType.type,parentSchema:n.properties.DimensionType,data:o}],!1;if(!(o==="INCLUSIVE"||o==="EXCLUSIVE"))return i.errors=[{instancePath:t+"/Demo\
graphic/Platform/DimensionType",schemaPath:"#/definitions/SetDimension/properties/DimensionType/enum",keyword:"enum",params:{allowedValues:n.properties.DimensionType.
enum},message:"must be equal to one of the allowed values",schema:n.properties.DimensionType.enum,parentSchema:n.properties.DimensionType,data:o}],!1;var te=S===
e}else var te=!0;if(te)if(r.Values!==void 0&&m.call(r,"Values")){let o=r.Values,S=e;if(e===S)if(Array.isArray(o)){var de=!0;let d=o.length;for(let u=0;u<d;u++){
let E=o[u],K=e;if(typeof E!="string")return i.errors=[{instancePath:t+"/Demographic/Platform/Values/"+u,schemaPath:"#/definitions/SetDimension/properties/Values\
/items/type",keyword:"type",params:{type:"string"},message:"must be string",schema:n.properties.Values.items.type,parentSchema:n.properties.Values.items,data:E}],
!1;var de=K===e;if(!de)break}}else return i.errors=[{instancePath:t+"/Demographic/Platform/Values",schemaPath:"#/definitions/SetDimension/properties/Values/type",
keyword:"type",params:{type:"array"},message:"must be array",schema:n.properties.Values.type,parentSchema:n.properties.Values,data:o}],!1;var te=S===e}else var te=!0}}}else
return i.errors=[{instancePath:t+"/Demographic/Platform",schemaPath:"#/definitions/SetDimension/type",keyword:"type",params:{type:"object"},message:"must be obj\
ect",schema:n.type,parentSchema:n,data:r}],!1;var A=w===e}else var A=!0}}}}}}else return i.errors=[{instancePath:t+"/Demographic",schemaPath:"#/properties/Demog\
raphic/type",keyword:"type",params:{type:"object"},message:"must be object",schema:f.properties.Demographic.type,parentSchema:f.properties.Demographic,data:p}],
!1;var c=N===e}else var c=!0;if(c)if(a.Location!==void 0&&m.call(a,"Location")){let p=a.Location,N=e;if(e===N)if(p&&typeof p=="object"&&!Array.isArray(p)){let h=e;
for(let r of Object.keys(p))if(!(r==="Country"||r==="GPSPoint")){return i.errors=[{instancePath:t+"/Location",schemaPath:"#/properties/Location/additionalProper\
ties",keyword:"additionalProperties",params:{additionalProperty:r},message:"must NOT have additional properties",schema:!1,parentSchema:f.properties.Location,data:p}],
!1;break}if(h===e){if(p.Country!==void 0&&m.call(p,"Country")){let r=p.Country,w=e;if(e===e)if(r&&typeof r=="object"&&!Array.isArray(r)){let V;if((r.Values===void 0||
!m.call(r,"Values"))&&(V="Values"))return i.errors=[{instancePath:t+"/Location/Country",schemaPath:"#/definitions/SetDimension/required",keyword:"required",params:{
missingProperty:V},message:"must have required property '"+V+"'",schema:n.required,parentSchema:n,data:r}],!1;{let l=e;for(let s of Object.keys(r))if(!(s==="Dim\
ensionType"||s==="Values")){return i.errors=[{instancePath:t+"/Location/Country",schemaPath:"#/definitions/SetDimension/additionalProperties",keyword:"additiona\
lProperties",params:{additionalProperty:s},message:"must NOT have additional properties",schema:!1,parentSchema:n,data:r}],!1;break}if(l===e){if(r.DimensionType!==
void 0&&m.call(r,"DimensionType")){let s=r.DimensionType,o=e;if(typeof s!="string")return i.errors=[{instancePath:t+"/Location/Country/DimensionType",schemaPath:"\
#/definitions/SetDimension/properties/DimensionType/type",keyword:"type",params:{type:"string"},message:"must be string",schema:n.properties.DimensionType.type,
parentSchema:n.properties.DimensionType,data:s}],!1;if(!(s==="INCLUSIVE"||s==="EXCLUSIVE"))return i.errors=[{instancePath:t+"/Location/Country/DimensionType",schemaPath:"\
#/definitions/SetDimension/properties/DimensionType/enum",keyword:"enum",params:{allowedValues:n.properties.DimensionType.enum},message:"must be equal to one of\
 the allowed values",schema:n.properties.DimensionType.enum,parentSchema:n.properties.DimensionType,data:s}],!1;var se=o===e}else var se=!0;if(se)if(r.Values!==
void 0&&m.call(r,"Values")){let s=r.Values,o=e;if(e===o)if(Array.isArray(s)){var ue=!0;let x=s.length;for(let d=0;d<x;d++){let u=s[d],E=e;if(typeof u!="string")
return i.errors=[{instancePath:t+"/Location/Country/Values/"+d,schemaPath:"#/definitions/SetDimension/properties/Values/items/type",keyword:"type",params:{type:"\
string"},message:"must be string",schema:n.properties.Values.items.type,parentSchema:n.properties.Values.items,data:u}],!1;var ue=E===e;if(!ue)break}}else return i.
errors=[{instancePath:t+"/Location/Country/Values",schemaPath:"#/definitions/SetDimension/properties/Values/type",keyword:"type",params:{type:"array"},message:"\
must be array",schema:n.properties.Values.type,parentSchema:n.properties.Values,data:s}],!1;var se=o===e}else var se=!0}}}else return i.errors=[{instancePath:t+
"/Location/Country",schemaPath:"#/definitions/SetDimension/type",keyword:"type",params:{type:"object"},message:"must be object",schema:n.type,parentSchema:n,data:r}],
!1;var ie=w===e}else var ie=!0;if(ie)if(p.GPSPoint!==void 0&&m.call(p,"GPSPoint")){let r=p.GPSPoint,w=e;if(e===w)if(r&&typeof r=="object"&&!Array.isArray(r)){let V;
if((r.Coordinates===void 0||!m.call(r,"Coordinates"))&&(V="Coordinates"))return i.errors=[{instancePath:t+"/Location/GPSPoint",schemaPath:"#/properties/Location\
/properties/GPSPoint/required",keyword:"required",params:{missingProperty:V},message:"must have required property '"+V+"'",schema:f.properties.Location.properties.
GPSPoint.required,parentSchema:f.properties.Location.properties.GPSPoint,data:r}],!1;{let l=e;for(let s of Object.keys(r))if(!(s==="Coordinates"||s==="RangeInKi\
lometers")){return i.errors=[{instancePath:t+"/Location/GPSPoint",schemaPath:"#/properties/Location/properties/GPSPoint/additionalProperties",keyword:"additiona\
lProperties",params:{additionalProperty:s},message:"must NOT have additional properties",schema:!1,parentSchema:f.properties.Location.properties.GPSPoint,data:r}],
!1;break}if(l===e){if(r.Coordinates!==void 0&&m.call(r,"Coordinates")){let s=r.Coordinates,o=e;if(e===o)if(s&&typeof s=="object"&&!Array.isArray(s)){let S;if((s.
Latitude===void 0||!m.call(s,"Latitude"))&&(S="Latitude")||(s.Longitude===void 0||!m.call(s,"Longitude"))&&(S="Longitude"))return i.errors=[{instancePath:t+"/Lo\
cation/GPSPoint/Coordinates",schemaPath:"#/properties/Location/properties/GPSPoint/properties/Coordinates/required",keyword:"required",params:{missingProperty:S},
message:"must have required property '"+S+"'",schema:f.properties.Location.properties.GPSPoint.properties.Coordinates.required,parentSchema:f.properties.Location.
properties.GPSPoint.properties.Coordinates,data:s}],!1;{let x=e;for(let d of Object.keys(s))if(!(d==="Latitude"||d==="Longitude")){return i.errors=[{instancePath:t+
"/Location/GPSPoint/Coordinates",schemaPath:"#/properties/Location/properties/GPSPoint/properties/Coordinates/additionalProperties",keyword:"additionalPropertie\
s",params:{additionalProperty:d},message:"must NOT have additional properties",schema:!1,parentSchema:f.properties.Location.properties.GPSPoint.properties.Coordinates,
data:s}],!1;break}if(x===e){if(s.Latitude!==void 0&&m.call(s,"Latitude")){let d=s.Latitude,u=e;if(e===u)if(typeof d=="number"&&isFinite(d)){if(d>90||isNaN(d))return i.
errors=[{instancePath:t+"/Location/GPSPoint/Coordinates/Latitude",schemaPath:"#/properties/Location/properties/GPSPoint/properties/Coordinates/properties/Latitu\
de/maximum",keyword:"maximum",params:{comparison:"<=",limit:90},message:"must be <= 90",schema:90,parentSchema:f.properties.Location.properties.GPSPoint.properties.
Coordinates.properties.Latitude,data:d}],!1;if(d<-90||isNaN(d))return i.errors=[{instancePath:t+"/Location/GPSPoint/Coordinates/Latitude",schemaPath:"#/properti\
es/Location/properties/GPSPoint/properties/Coordinates/properties/Latitude/minimum",keyword:"minimum",params:{comparison:">=",limit:-90},message:"must be >= -90",
schema:-90,parentSchema:f.properties.Location.properties.GPSPoint.properties.Coordinates.properties.Latitude,data:d}],!1}else return i.errors=[{instancePath:t+"\
/Location/GPSPoint/Coordinates/Latitude",schemaPath:"#/properties/Location/properties/GPSPoint/properties/Coordinates/properties/Latitude/type",keyword:"type",params:{
type:"number"},message:"must be number",schema:f.properties.Location.properties.GPSPoint.properties.Coordinates.properties.Latitude.type,parentSchema:f.properties.
Location.properties.GPSPoint.properties.Coordinates.properties.Latitude,data:d}],!1;var ae=u===e}else var ae=!0;if(ae)if(s.Longitude!==void 0&&m.call(s,"Longitu\
de")){let d=s.Longitude,u=e;if(e===u)if(typeof d=="number"&&isFinite(d)){if(d>180||isNaN(d))return i.errors=[{instancePath:t+"/Location/GPSPoint/Coordinates/Lon\
gitude",schemaPath:"#/properties/Location/properties/GPSPoint/properties/Coordinates/properties/Longitude/maximum",keyword:"maximum",params:{comparison:"<=",limit:180},
message:"must be <= 180",schema:180,parentSchema:f.properties.Location.properties.GPSPoint.properties.Coordinates.properties.Longitude,data:d}],!1;if(d<-180||isNaN(
d))return i.errors=[{instancePath:t+"/Location/GPSPoint/Coordinates/Longitude",schemaPath:"#/properties/Location/properties/GPSPoint/properties/Coordinates/prop\
erties/Longitude/minimum",keyword:"minimum",params:{comparison:">=",limit:-180},message:"must be >= -180",schema:-180,parentSchema:f.properties.Location.properties.
GPSPoint.properties.Coordinates.properties.Longitude,data:d}],!1}else return i.errors=[{instancePath:t+"/Location/GPSPoint/Coordinates/Longitude",schemaPath:"#/\
properties/Location/properties/GPSPoint/properties/Coordinates/properties/Longitude/type",keyword:"type",params:{type:"number"},message:"must be number",schema:f.
properties.Location.properties.GPSPoint.properties.Coordinates.properties.Longitude.type,parentSchema:f.properties.Location.properties.GPSPoint.properties.Coordinates.
properties.Longitude,data:d}],!1;var ae=u===e}else var ae=!0}}}else return i.errors=[{instancePath:t+"/Location/GPSPoint/Coordinates",schemaPath:"#/properties/L\
ocation/properties/GPSPoint/properties/Coordinates/type",keyword:"type",params:{type:"object"},message:"must be object",schema:f.properties.Location.properties.
GPSPoint.properties.Coordinates.type,parentSchema:f.properties.Location.properties.GPSPoint.properties.Coordinates,data:s}],!1;var oe=o===e}else var oe=!0;if(oe)
if(r.RangeInKilometers!==void 0&&m.call(r,"RangeInKilometers")){let s=r.RangeInKilometers,o=e;if(e===o)if(typeof s=="number"&&isFinite(s)){if(s<0||isNaN(s))return i.
errors=[{instancePath:t+"/Location/GPSPoint/RangeInKilometers",schemaPath:"#/properties/Location/properties/GPSPoint/properties/RangeInKilometers/minimum",keyword:"\
minimum",params:{comparison:">=",limit:0},message:"must be >= 0",schema:0,parentSchema:f.properties.Location.properties.GPSPoint.properties.RangeInKilometers,data:s}],
!1}else return i.errors=[{instancePath:t+"/Location/GPSPoint/RangeInKilometers",schemaPath:"#/properties/Location/properties/GPSPoint/properties/RangeInKilomete\
rs/type",keyword:"type",params:{type:"number"},message:"must be number",schema:f.properties.Location.properties.GPSPoint.properties.RangeInKilometers.type,parentSchema:f.
properties.Location.properties.GPSPoint.properties.RangeInKilometers,data:s}],!1;var oe=o===e}else var oe=!0}}}else return i.errors=[{instancePath:t+"/Location/\
GPSPoint",schemaPath:"#/properties/Location/properties/GPSPoint/type",keyword:"type",params:{type:"object"},message:"must be object",schema:f.properties.Location.
properties.GPSPoint.type,parentSchema:f.properties.Location.properties.GPSPoint,data:r}],!1;var ie=w===e}else var ie=!0}}else return i.errors=[{instancePath:t+"\
/Location",schemaPath:"#/properties/Location/type",keyword:"type",params:{type:"object"},message:"must be object",schema:f.properties.Location.type,parentSchema:f.
properties.Location,data:p}],!1;var c=N===e}else var c=!0}}}}}}else return i.errors=[{instancePath:t,schemaPath:"#/type",keyword:"type",params:{type:"object"},message:"\
must be object",schema:f.type,parentSchema:f,data:a}],!1;return i.errors=y,e===0}var Y={description:"Groups of criteria. The API accepts at most one group.",type:"\
object",properties:{Groups:{description:"The groups: at most one.",type:"array",maxItems:1,items:{$ref:"#/definitions/SegmentGroup"}},Include:{description:"How \
groups are combined.",type:"string",enum:["ALL","ANY","NONE"],enumDescriptions:["Endpoints that are in all groups.","Endpoints that are in one of the groups.","\
Endpoints that are in no group."]}},additionalProperties:!1},D={description:"Base segments, and dimensions that narrow them.",type:"object",properties:{Dimensions:{
description:"Criteria that endpoints must match.",type:"array",items:{$ref:"#/definitions/SegmentDimensions"}},SourceSegments:{description:"Base segments: sever\
al dynamic segments, or one imported segment.",type:"array",items:{description:"A segment of the same project.",type:"object",properties:{Id:{description:"ID of\
 the segment.",type:"string"},Version:{description:"Version of the segment. If omitted, the latest.",type:"integer",minimum:1}},additionalProperties:!1,required:[
"Id"]}},SourceType:{description:"How the base segments are combined.",type:"string",enum:["ALL","ANY","NONE"],enumDescriptions:["Endpoints that are in all of th\
em.","Endpoints that are in one of them.","Endpoints that are in none of them."]},Type:{description:"How the dimensions are combined.",type:"string",enum:["ALL",
"ANY","NONE"],enumDescriptions:["Endpoints that fit all of them.","Endpoints that fit one of them.","Endpoints that fit none of them."]}},additionalProperties:!1};
function j(a,{instancePath:t="",parentData:U,parentDataProperty:B,rootData:_=a}={}){let y=null,e=0;if(e===0)if(a&&typeof a=="object"&&!Array.isArray(a)){let M=e;
for(let g of Object.keys(a))if(!(g==="Dimensions"||g==="SourceSegments"||g==="SourceType"||g==="Type")){return j.errors=[{instancePath:t,schemaPath:"#/additiona\
lProperties",keyword:"additionalProperties",params:{additionalProperty:g},message:"must NOT have additional properties",schema:!1,parentSchema:D,data:a}],!1;break}
if(M===e){if(a.Dimensions!==void 0&&m.call(a,"Dimensions")){let g=a.Dimensions,T=e;if(e===T)if(Array.isArray(g)){var R=!0;let b=g.length;for(let G=0;G<b;G++){let O=e;
i(g[G],{instancePath:t+"/Dimensions/"+G,parentData:g,parentDataProperty:G,rootData:_})||(y=y===null?i.errors:y.concat(i.errors),e=y.length);var R=O===e;if(!R)break}}else
return j.errors=[{instancePath:t+"/Dimensions",schemaPath:"#/properties/Dimensions/type",keyword:"type",params:{type:"array"},message:"must be array",schema:D.properties.
Dimensions.type,parentSchema:D.properties.Dimensions,data:g}],!1;var L=T===e}else var L=!0;if(L){if(a.SourceSegments!==void 0&&m.call(a,"SourceSegments")){let g=a.
SourceSegments,T=e;if(e===T)if(Array.isArray(g)){var X=!0;let G=g.length;for(let O=0;O<G;O++){let P=g[O],$=e;if(e===$)if(P&&typeof P=="object"&&!Array.isArray(P)){
let Q;if((P.Id===void 0||!m.call(P,"Id"))&&(Q="Id"))return j.errors=[{instancePath:t+"/SourceSegments/"+O,schemaPath:"#/properties/SourceSegments/items/required",
keyword:"required",params:{missingProperty:Q},message:"must have required property '"+Q+"'",schema:D.properties.SourceSegments.items.required,parentSchema:D.properties.
SourceSegments.items,data:P}],!1;{let Z=e;for(let k of Object.keys(P))if(!(k==="Id"||k==="Version")){return j.errors=[{instancePath:t+"/SourceSegments/"+O,schemaPath:"\
#/properties/SourceSegments/items/additionalProperties",keyword:"additionalProperties",params:{additionalProperty:k},message:"must NOT have additional propertie\
s",schema:!1,parentSchema:D.properties.SourceSegments.items,data:P}],!1;break}if(Z===e){if(P.Id!==void 0&&m.call(P,"Id")){let k=P.Id,J=e;if(typeof k!="string")return j.
errors=[{instancePath:t+"/SourceSegments/"+O+"/Id",schemaPath:"#/properties/SourceSegments/items/properties/Id/type",keyword:"type",params:{type:"string"},message:"\
must be string",schema:D.properties.SourceSegments.items.properties.Id.type,parentSchema:D.properties.SourceSegments.items.properties.Id,data:k}],!1;var c=J===e}else
var c=!0;if(c)if(P.Version!==void 0&&m.call(P,"Version")){let k=P.Version,J=e;if(!(typeof k=="number"&&!(k%1)&&!isNaN(k)&&isFinite(k)))return j.errors=[{instancePath:t+
"/SourceSegments/"+O+"/Version",schemaPath:"#/properties/SourceSegments/items/properties/Version/type",keyword:"type",params:{type:"integer"},message:"must be i\
nteger",schema:D.properties.SourceSegments.items.properties.Version.type,parentSchema:D.properties.SourceSegments.items.properties.Version,data:k}],!1;if(e===J&&
typeof k=="number"&&isFinite(k)&&(k<1||isNaN(k)))return j.errors=[{instancePath:t+"/SourceSegments/"+O+"/Version",schemaPath:"#/properties/SourceSegments/items/\
properties/Version/minimum",keyword:"minimum",params:{comparison:">=",limit:1},message:"must be >= 1",schema:1,parentSchema:D.properties.SourceSegments.items.properties.
Version,data:k}],!1;var c=J===e}else var c=!0}}}else return j.errors=[{instancePath:t+"/SourceSegments/"+O,schemaPath:"#/properties/SourceSegments/items/type",keyword:"\
type",params:{type:"object"},message:"must be object",schema:D.properties.SourceSegments.items.type,parentSchema:D.properties.SourceSegments.items,data:P}],!1;var X=$===
e;if(!X)break}}else return j.errors=[{instancePath:t+"/SourceSegments",schemaPath:"#/properties/SourceSegments/type",keyword:"type",params:{type:"array"},message:"\
must be array",schema:D.properties.SourceSegments.type,parentSchema:D.properties.SourceSegments,data:g}],!1;var L=T===e}else var L=!0;if(L){if(a.SourceType!==void 0&&
m.call(a,"SourceType")){let g=a.SourceType,T=e;if(typeof g!="string")return j.errors=[{instancePath:t+"/SourceType",schemaPath:"#/properties/SourceType/type",keyword:"\
type",params:{type:"string"},message:"must be string",schema:D.properties.SourceType.type,parentSchema:D.properties.SourceType,data:g}],!1;if(!(g==="ALL"||g==="\
ANY"||g==="NONE"))return j.errors=[{instancePath:t+"/SourceType",schemaPath:"#/properties/SourceType/enum",keyword:"enum",params:{allowedValues:D.properties.SourceType.
enum},message:"must be equal to one of the allowed values",schema:D.properties.SourceType.enum,parentSchema:D.properties.SourceType,data:g}],!1;var L=T===e}else
var L=!0;if(L)if(a.Type!==void 0&&m.call(a,"Type")){let g=a.Type,T=e;if(typeof g!="string")return j.errors=[{instancePath:t+"/Type",schemaPath:"#/properties/Typ\
e/type",keyword:"type",params:{type:"string"},message:"must be string",schema:D.properties.Type.type,parentSchema:D.properties.Type,data:g}],!1;if(!(g==="ALL"||
g==="ANY"||g==="NONE"))return j.errors=[{instancePath:t+"/Type",schemaPath:"#/properties/Type/enum",keyword:"enum",params:{allowedValues:D.properties.Type.enum},
message:"must be equal to one of the allowed values",schema:D.properties.Type.enum,parentSchema:D.properties.Type,data:g}],!1;var L=T===e}else var L=!0}}}}else return j.
errors=[{instancePath:t,schemaPath:"#/type",keyword:"type",params:{type:"object"},message:"must be object",schema:D.type,parentSchema:D,data:a}],!1;return j.errors=
y,e===0}function W(a,{instancePath:t="",parentData:U,parentDataProperty:B,rootData:_=a}={}){let y=null,e=0;if(e===0)if(a&&typeof a=="object"&&!Array.isArray(a)){
let X=e;for(let c of Object.keys(a))if(!(c==="Groups"||c==="Include")){return W.errors=[{instancePath:t,schemaPath:"#/additionalProperties",keyword:"additionalP\
roperties",params:{additionalProperty:c},message:"must NOT have additional properties",schema:!1,parentSchema:Y,data:a}],!1;break}if(X===e){if(a.Groups!==void 0&&
m.call(a,"Groups")){let c=a.Groups,M=e;if(e===M)if(Array.isArray(c)){if(c.length>1)return W.errors=[{instancePath:t+"/Groups",schemaPath:"#/properties/Groups/ma\
xItems",keyword:"maxItems",params:{limit:1},message:"must NOT have more than 1 items",schema:1,parentSchema:Y.properties.Groups,data:c}],!1;{var R=!0;let g=c.length;
for(let T=0;T<g;T++){let b=e;j(c[T],{instancePath:t+"/Groups/"+T,parentData:c,parentDataProperty:T,rootData:_})||(y=y===null?j.errors:y.concat(j.errors),e=y.length);
var R=b===e;if(!R)break}}}else return W.errors=[{instancePath:t+"/Groups",schemaPath:"#/properties/Groups/type",keyword:"type",params:{type:"array"},message:"mu\
st be array",schema:Y.properties.Groups.type,parentSchema:Y.properties.Groups,data:c}],!1;var L=M===e}else var L=!0;if(L)if(a.Include!==void 0&&m.call(a,"Includ\
e")){let c=a.Include,M=e;if(typeof c!="string")return W.errors=[{instancePath:t+"/Include",schemaPath:"#/properties/Include/type",keyword:"type",params:{type:"s\
tring"},message:"must be string",schema:Y.properties.Include.type,parentSchema:Y.properties.Include,data:c}],!1;if(!(c==="ALL"||c==="ANY"||c==="NONE"))return W.
errors=[{instancePath:t+"/Include",schemaPath:"#/properties/Include/enum",keyword:"enum",params:{allowedValues:Y.properties.Include.enum},message:"must be equal\
 to one of the allowed values",schema:Y.properties.Include.enum,parentSchema:Y.properties.Include,data:c}],!1;var L=M===e}else var L=!0}}else return W.errors=[{
instancePath:t,schemaPath:"#/type",keyword:"type",params:{type:"object"},message:"must be object",schema:Y.type,parentSchema:Y,data:a}],!1;return W.errors=y,e===
0}function F(a,{instancePath:t="",parentData:U,parentDataProperty:B,rootData:_=a}={}){let y=null,e=0,R=e,L=e;if(e===L)if(a&&typeof a=="object"&&!Array.isArray(a)){
let T;if((a.Dimensions===void 0||!m.call(a,"Dimensions"))&&(T="Dimensions")||(a.SegmentGroups===void 0||!m.call(a,"SegmentGroups"))&&(T="SegmentGroups")){let b={};
y===null?y=[b]:y.push(b),e++}}else{let T={};y===null?y=[T]:y.push(T),e++}var X=L===e;if(X)return F.errors=[{instancePath:t,schemaPath:"#/not",keyword:"not",params:{},
message:"must NOT be valid",schema:I.not,parentSchema:I,data:a}],!1;if(e=R,y!==null&&(R?y.length=R:y=null),e===0)if(a&&typeof a=="object"&&!Array.isArray(a)){let T=e;
for(let b of Object.keys(a))if(!(b==="Name"||b==="Dimensions"||b==="SegmentGroups"||b==="tags")){return F.errors=[{instancePath:t,schemaPath:"#/additionalProper\
ties",keyword:"additionalProperties",params:{additionalProperty:b},message:"must NOT have additional properties",schema:!1,parentSchema:I,data:a}],!1;break}if(T===
e){if(a.Name!==void 0&&m.call(a,"Name")){let b=a.Name,G=e;if(e===G)if(typeof b=="string"){if(me(b)<1)return F.errors=[{instancePath:t+"/Name",schemaPath:"#/prop\
erties/Name/minLength",keyword:"minLength",params:{limit:1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:I.properties.Name,data:b}],!1}else
return F.errors=[{instancePath:t+"/Name",schemaPath:"#/properties/Name/type",keyword:"type",params:{type:"string"},message:"must be string",schema:I.properties.
Name.type,parentSchema:I.properties.Name,data:b}],!1;var c=G===e}else var c=!0;if(c){if(a.Dimensions!==void 0&&m.call(a,"Dimensions")){let b=e;i(a.Dimensions,{instancePath:t+
"/Dimensions",parentData:a,parentDataProperty:"Dimensions",rootData:_})||(y=y===null?i.errors:y.concat(i.errors),e=y.length);var c=b===e}else var c=!0;if(c){if(a.
SegmentGroups!==void 0&&m.call(a,"SegmentGroups")){let b=e;W(a.SegmentGroups,{instancePath:t+"/SegmentGroups",parentData:a,parentDataProperty:"SegmentGroups",rootData:_})||
(y=y===null?W.errors:y.concat(W.errors),e=y.length);var c=b===e}else var c=!0;if(c)if(a.tags!==void 0&&m.call(a,"tags")){let b=a.tags,G=e;if(e===G)if(b&&typeof b==
"object"&&!Array.isArray(b)){if(Object.keys(b).length>50)return F.errors=[{instancePath:t+"/tags",schemaPath:"#/properties/tags/maxProperties",keyword:"maxPrope\
rties",params:{limit:50},message:"must NOT have more than 50 properties",schema:50,parentSchema:I.properties.tags,data:b}],!1;for(let P of Object.keys(b)){let $=e;
if(typeof P=="string"&&me(P)>128){let A={instancePath:t+"/tags",schemaPath:"#/properties/tags/propertyNames/maxLength",keyword:"maxLength",params:{limit:128},message:"\
must NOT have more than 128 characters",schema:128,parentSchema:I.properties.tags.propertyNames,data:P,propertyName:P};y===null?y=[A]:y.push(A),e++}var M=$===e;
if(!M){let A={instancePath:t+"/tags",schemaPath:"#/properties/tags/propertyNames",keyword:"propertyNames",params:{propertyName:P},message:"property name must be\
 valid",schema:I.properties.tags.propertyNames,parentSchema:I.properties.tags,data:b};return y===null?y=[A]:y.push(A),e++,F.errors=y,!1;break}}if(M)for(let P of Object.
keys(b)){let $=b[P],A=e;if(e===A)if(typeof $=="string"){if(me($)>256)return F.errors=[{instancePath:t+"/tags/"+P.replace(/~/g,"~0").replace(/\//g,"~1"),schemaPath:"\
#/properties/tags/additionalProperties/maxLength",keyword:"maxLength",params:{limit:256},message:"must NOT have more than 256 characters",schema:256,parentSchema:I.
properties.tags.additionalProperties,data:$}],!1}else return F.errors=[{instancePath:t+"/tags/"+P.replace(/~/g,"~0").replace(/\//g,"~1"),schemaPath:"#/propertie\
s/tags/additionalProperties/type",keyword:"type",params:{type:"string"},message:"must be string",schema:I.properties.tags.additionalProperties.type,parentSchema:I.
properties.tags.additionalProperties,data:$}],!1;var g=A===e;if(!g)break}}else return F.errors=[{instancePath:t+"/tags",schemaPath:"#/properties/tags/type",keyword:"\
type",params:{type:"object"},message:"must be object",schema:I.properties.tags.type,parentSchema:I.properties.tags,data:b}],!1;var c=G===e}else var c=!0}}}}else
return F.errors=[{instancePath:t,schemaPath:"#/type",keyword:"type",params:{type:"object"},message:"must be object",schema:I.type,parentSchema:I,data:a}],!1;return F.
errors=y,e===0}return Te(Ve);})();
export const isSegment: Validator = validators.isSegment;
