import type { Integer } from './record.ts';

/** A text, or its bytes where they are to be no valid UTF-8. */
export type TextValue = string | Uint8Array;

export interface TimeValue {
  readonly seconds: Integer;
  readonly nanos?: number;
  /** Zone a protobuf record is to be shown in; MessagePack has none. */
  readonly zone?: string;
}

export interface GraphErrorValue {
  readonly message: string;
  readonly path?: readonly unknown[] | null;
}

/**
 * A record as plain data, named as every JSON output names it (tyk-pump.md, "Fields"): what the encoders write. A
 * missing field is Go's zero value.
 */
export interface RecordFields {
  readonly method?: TextValue;
  readonly host?: TextValue;
  readonly path?: TextValue;
  readonly raw_path?: TextValue;
  readonly content_length?: Integer;
  readonly user_agent?: TextValue;
  readonly day?: Integer;
  readonly month?: Integer;
  readonly year?: Integer;
  readonly hour?: Integer;
  readonly response_code?: Integer;
  readonly api_key?: TextValue;
  readonly timestamp?: TimeValue;
  readonly api_version?: TextValue;
  readonly api_name?: TextValue;
  readonly api_id?: TextValue;
  readonly org_id?: TextValue;
  readonly oauth_id?: TextValue;
  readonly request_time?: Integer;
  readonly raw_request?: TextValue;
  readonly raw_response?: TextValue;
  readonly ip_address?: TextValue;
  readonly geo?: {
    readonly country?: { readonly iso_code?: TextValue };
    readonly city?: {
      readonly geoname_id?: Integer;
      readonly names?: Readonly<Record<string, string>> | null;
    };
    readonly location?: {
      readonly latitude?: number;
      readonly longitude?: number;
      readonly time_zone?: TextValue;
    };
  };
  readonly network?: {
    readonly open_connections?: Integer;
    readonly closed_connections?: Integer;
    readonly bytes_in?: Integer;
    readonly bytes_out?: Integer;
  };
  readonly latency?: {
    readonly total?: Integer;
    readonly upstream?: Integer;
    readonly gateway?: Integer;
  };
  readonly tags?: readonly TextValue[] | null;
  readonly alias?: TextValue;
  readonly track_path?: boolean;
  readonly expireAt?: TimeValue;
  readonly api_schema?: TextValue;
  readonly original_path?: TextValue;
  readonly listen_path?: TextValue;
  readonly graphql_stats?: {
    readonly Variables?: TextValue;
    readonly RootFields?: readonly TextValue[] | null;
    readonly Types?: Readonly<Record<string, readonly string[] | null>> | null;
    readonly Errors?: readonly GraphErrorValue[] | null;
    readonly OperationType?: Integer;
    readonly HasErrors?: boolean;
    readonly IsGraphQL?: boolean;
  };
  readonly mcp_stats?: {
    readonly is_mcp?: boolean;
    readonly jsonrpc_method?: TextValue;
    readonly primitive_type?: TextValue;
    readonly primitive_name?: TextValue;
  };
}
