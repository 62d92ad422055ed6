/** The operations of the service model (API version 2016-12-01) that the sandbox doesn't serve: name, method, path. */
const model = `
  CreateCampaign POST /v1/apps/*/campaigns
  CreateEmailTemplate POST /v1/templates/*/email
  CreateInAppTemplate POST /v1/templates/*/inapp
  CreateJourney POST /v1/apps/*/journeys
  CreatePushTemplate POST /v1/templates/*/push
  CreateRecommenderConfiguration POST /v1/recommenders
  CreateSmsTemplate POST /v1/templates/*/sms
  CreateVoiceTemplate POST /v1/templates/*/voice
  DeleteAdmChannel DELETE /v1/apps/*/channels/adm
  DeleteApnsChannel DELETE /v1/apps/*/channels/apns
  DeleteApnsSandboxChannel DELETE /v1/apps/*/channels/apns_sandbox
  DeleteApnsVoipChannel DELETE /v1/apps/*/channels/apns_voip
  DeleteApnsVoipSandboxChannel DELETE /v1/apps/*/channels/apns_voip_sandbox
  DeleteBaiduChannel DELETE /v1/apps/*/channels/baidu
  DeleteCampaign DELETE /v1/apps/*/campaigns/*
  DeleteEmailChannel DELETE /v1/apps/*/channels/email
  DeleteEmailTemplate DELETE /v1/templates/*/email
  DeleteEventStream DELETE /v1/apps/*/eventstream
  DeleteGcmChannel DELETE /v1/apps/*/channels/gcm
  DeleteInAppTemplate DELETE /v1/templates/*/inapp
  DeleteJourney DELETE /v1/apps/*/journeys/*
  DeletePushTemplate DELETE /v1/templates/*/push
  DeleteRecommenderConfiguration DELETE /v1/recommenders/*
  DeleteSmsChannel DELETE /v1/apps/*/channels/sms
  DeleteSmsTemplate DELETE /v1/templates/*/sms
  DeleteVoiceChannel DELETE /v1/apps/*/channels/voice
  DeleteVoiceTemplate DELETE /v1/templates/*/voice
  GetAdmChannel GET /v1/apps/*/channels/adm
  GetApnsChannel GET /v1/apps/*/channels/apns
  GetApnsSandboxChannel GET /v1/apps/*/channels/apns_sandbox
  GetApnsVoipChannel GET /v1/apps/*/channels/apns_voip
  GetApnsVoipSandboxChannel GET /v1/apps/*/channels/apns_voip_sandbox
  GetApplicationDateRangeKpi GET /v1/apps/*/kpis/daterange/*
  GetBaiduChannel GET /v1/apps/*/channels/baidu
  GetCampaign GET /v1/apps/*/campaigns/*
  GetCampaignActivities GET /v1/apps/*/campaigns/*/activities
  GetCampaignDateRangeKpi GET /v1/apps/*/campaigns/*/kpis/daterange/*
  GetCampaigns GET /v1/apps/*/campaigns
  GetCampaignVersion GET /v1/apps/*/campaigns/*/versions/*
  GetCampaignVersions GET /v1/apps/*/campaigns/*/versions
  GetChannels GET /v1/apps/*/channels
  GetEmailChannel GET /v1/apps/*/channels/email
  GetEmailTemplate GET /v1/templates/*/email
  GetEventStream GET /v1/apps/*/eventstream
  GetGcmChannel GET /v1/apps/*/channels/gcm
  GetInAppMessages GET /v1/apps/*/endpoints/*/inappmessages
  GetInAppTemplate GET /v1/templates/*/inapp
  GetJourney GET /v1/apps/*/journeys/*
  GetJourneyDateRangeKpi GET /v1/apps/*/journeys/*/kpis/daterange/*
  GetJourneyExecutionActivityMetrics GET /v1/apps/*/journeys/*/activities/*/execution-metrics
  GetJourneyExecutionMetrics GET /v1/apps/*/journeys/*/execution-metrics
  GetJourneyRunExecutionActivityMetrics GET /v1/apps/*/journeys/*/runs/*/activities/*/execution-metrics
  GetJourneyRunExecutionMetrics GET /v1/apps/*/journeys/*/runs/*/execution-metrics
  GetJourneyRuns GET /v1/apps/*/journeys/*/runs
  GetPushTemplate GET /v1/templates/*/push
  GetRecommenderConfiguration GET /v1/recommenders/*
  GetRecommenderConfigurations GET /v1/recommenders
  GetSmsChannel GET /v1/apps/*/channels/sms
  GetSmsTemplate GET /v1/templates/*/sms
  GetVoiceChannel GET /v1/apps/*/channels/voice
  GetVoiceTemplate GET /v1/templates/*/voice
  ListJourneys GET /v1/apps/*/journeys
  ListTemplates GET /v1/templates
  ListTemplateVersions GET /v1/templates/*/*/versions
  PhoneNumberValidate POST /v1/phone/number/validate
  PutEventStream POST /v1/apps/*/eventstream
  SendMessages POST /v1/apps/*/messages
  SendOTPMessage POST /v1/apps/*/otp
  SendUsersMessages POST /v1/apps/*/users-messages
  UpdateAdmChannel PUT /v1/apps/*/channels/adm
  UpdateApnsChannel PUT /v1/apps/*/channels/apns
  UpdateApnsSandboxChannel PUT /v1/apps/*/channels/apns_sandbox
  UpdateApnsVoipChannel PUT /v1/apps/*/channels/apns_voip
  UpdateApnsVoipSandboxChannel PUT /v1/apps/*/channels/apns_voip_sandbox
  UpdateBaiduChannel PUT /v1/apps/*/channels/baidu
  UpdateCampaign PUT /v1/apps/*/campaigns/*
  UpdateEmailChannel PUT /v1/apps/*/channels/email
  UpdateEmailTemplate PUT /v1/templates/*/email
  UpdateGcmChannel PUT /v1/apps/*/channels/gcm
  UpdateInAppTemplate PUT /v1/templates/*/inapp
  UpdateJourney PUT /v1/apps/*/journeys/*
  UpdateJourneyState PUT /v1/apps/*/journeys/*/state
  UpdatePushTemplate PUT /v1/templates/*/push
  UpdateRecommenderConfiguration PUT /v1/recommenders/*
  UpdateSmsChannel PUT /v1/apps/*/channels/sms
  UpdateSmsTemplate PUT /v1/templates/*/sms
  UpdateTemplateActiveVersion PUT /v1/templates/*/*/active-version
  UpdateVoiceChannel PUT /v1/apps/*/channels/voice
  UpdateVoiceTemplate PUT /v1/templates/*/voice
  VerifyOTPMessage POST /v1/apps/*/verify-otp`;

const operations = model
  .trim()
  .split('\n')
  .map((line) => {
    const [name = '', method, path = ''] = line.trim().split(' ');
    return { name, method, pattern: new RegExp('^' + path.replaceAll('*', '[^/]+') + '/?$') };
  });

/** The name of the unserved operation of a request, if it is one. */
export function otherOperation(method: string, path: string): string | undefined {
  return operations.find((operation) => operation.method === method && operation.pattern.test(path))?.name;
}
