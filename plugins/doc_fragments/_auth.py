# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This doc fragment is private to the collection huaweicloud.vpn and may change at any time. Do not use it elsewhere.

from __future__ import annotations


class ModuleDocFragment:
    # How to reach and authenticate to the cloud
    DOCUMENTATION = r"""
requirements:
  - python >= 3.8
  - requests >= 2.28
options:
  region:
    description:
      - The region, for example V(eu-west-101).
      - Required unless O(endpoint) is set, and O(auth_url) if the identity service (IAM) is used.
      - Taken from the environment variable E(HW_REGION_NAME) if not set.
    type: str
  cloud:
    description:
      - The domain of the cloud. It is part of the defaults of O(endpoint) and O(auth_url).
      - If not set, V(myhuaweicloud.eu) if O(region) begins with V(eu-west-1), otherwise V(myhuaweicloud.com).
      - Taken from the environment variable E(HW_CLOUD) if not set.
    type: str
  endpoint:
    description:
      - Base URL of the VPN service.
      - C(https://vpn.{region}.{cloud}) if not set, with the values of O(region) and O(cloud).
      - Must begin with C(https://). Plain C(http://) is refused unless the host is a loopback address.
      - Taken from the environment variable E(HW_VPN_ENDPOINT) if not set.
    type: str
  auth_url:
    description:
      - Base URL of the identity service (IAM).
      - C(https://iam.{region}.{cloud}) if not set, with the values of O(region) and O(cloud).
      - IAM issues a token when O(password) is used, issues temporary keys when O(idp_id) or O(agency_name) is used,
        and resolves the project when O(project_id) is not set.
      - Must begin with C(https://). Plain C(http://) is refused unless the host is a loopback address.
      - Taken from the environment variable E(HW_AUTH_URL) if not set.
    type: str
  project_id:
    description:
      - ID of the project.
      - If not set, the module looks up O(project_name) in IAM. Setting the ID saves that request.
      - Taken from the environment variables E(HW_PROJECT_ID), then E(HUAWEICLOUD_SDK_PROJECT_ID), if not set.
    type: str
  project_name:
    description:
      - Name of the project, used to look up its ID. Not used when O(project_id) is set.
      - The name of O(region) if not set.
      - Taken from the environment variable E(HW_PROJECT_NAME) if not set.
    type: str
  access_key:
    description:
      - The access key (AK). Requires O(secret_key).
      - Taken from the environment variables E(HW_ACCESS_KEY), then E(HUAWEICLOUD_SDK_AK), if not set.
    type: str
  secret_key:
    description:
      - The secret key (SK) of O(access_key).
      - Taken from the environment variables E(HW_SECRET_KEY), then E(HUAWEICLOUD_SDK_SK), if not set.
    type: str
  security_token:
    description:
      - The security token of a temporary O(access_key).
      - Only used with an access key from the same source, so that a leftover token does not break a permanent key.
      - Taken from the environment variable E(HW_SECURITY_TOKEN) if E(HW_ACCESS_KEY) is used,
        and from E(HUAWEICLOUD_SDK_SECURITY_TOKEN) if E(HUAWEICLOUD_SDK_AK) is used.
    type: str
  auth_token:
    description:
      - An IAM token that is valid for the project.
      - Taken from the environment variable E(HW_AUTH_TOKEN) if not set.
    type: str
  user_name:
    description:
      - Name of an IAM user. Requires O(password) and O(domain_name).
      - Taken from the environment variable E(HW_USER_NAME) if not set.
    type: str
  password:
    description:
      - Password of O(user_name).
      - Taken from the environment variable E(HW_USER_PASSWORD) if not set.
    type: str
  domain_name:
    description:
      - Name of the account (domain) that O(user_name) belongs to.
      - Taken from the environment variable E(HW_DOMAIN_NAME) if not set.
    type: str
  idp_id:
    description:
      - ID of an identity provider in IAM. Requires O(id_token) or O(id_token_file).
      - Taken from the environment variables E(HW_ASSUME_ROLE_IDP_ID), then E(HUAWEICLOUD_SDK_IDP_ID), if not set.
    type: str
  id_token:
    description:
      - An ID token (JWT) of O(idp_id). It is exchanged for temporary keys.
      - Taken from the environment variable E(HW_ASSUME_ROLE_ID_TOKEN) if not set.
    type: str
  id_token_file:
    description:
      - File with an ID token, instead of O(id_token). It is read again for each exchange, so whoever wrote it may replace it.
      - In the environment, a token takes precedence over a file.
      - Taken from the environment variables E(HW_ASSUME_ROLE_ID_TOKEN_FILE), then E(HUAWEICLOUD_SDK_ID_TOKEN_FILE), if not set.
    type: path
  ecs_agency:
    description:
      - Whether to use the temporary keys of the agency that is bound to the ECS server on which the task runs.
      - The metadata service of the server is queried only if this is V(true). It is never a fallback.
      - Taken from the environment variable E(HW_ECS_AGENCY) if not set.
    type: bool
    default: false
  credentials_file:
    description:
      - Credentials file of the Huawei Cloud SDK for Python, in INI format. Its section C([basic]) is used.
      - It is used only if neither the task nor the environment contains complete credentials, and its values are never
        combined with theirs. The default file of the SDK is not read unless it is named here.
      - If the file contains both C(idp_id) with C(id_token_file) and C(ak) with C(sk), the former are used, as in the SDK.
      - A C(project_id) or C(iam_endpoint) in the file takes precedence over the environment, but not over the task.
        The C(project_id) is ignored if O(agency_name) is set.
      - Taken from the environment variable E(HUAWEICLOUD_SDK_CREDENTIALS_FILE) if not set.
    type: path
  agency_name:
    description:
      - Name of an agency to assume. Requires O(agency_domain_name).
      - The credentials only serve to assume the agency. All other requests use the temporary keys of the agency,
        and O(project_id) and O(project_name) are those of the account that the agency belongs to.
      - Taken from the environment variable E(HW_ASSUME_ROLE_AGENCY_NAME) if not set.
    type: str
  agency_domain_name:
    description:
      - Name of the account (domain) that O(agency_name) belongs to.
      - Taken from the environment variable E(HW_ASSUME_ROLE_DOMAIN_NAME) if not set.
    type: str
  validate_certs:
    description:
      - Whether to verify the TLS certificates of the cloud.
      - Set it to V(false) only for a test server whose certificate cannot be verified.
    type: bool
    default: true
  ca_path:
    description:
      - File or directory with the CA certificates used to verify the cloud's certificates.
      - If not set, the environment variable E(REQUESTS_CA_BUNDLE) or the default of the Python library requests is used.
      - Not used with O(validate_certs=false).
    type: path
  request_timeout:
    description:
      - Timeout in seconds for connecting, and then for receiving the complete response. At least 1.
    type: int
    default: 30
  max_retries:
    description:
      - Maximum number of times a request is retried, with increasing pauses.
      - A request is retried if it certainly did not reach the cloud, or was throttled.
        A read request is also retried if its response was lost or the cloud failed.
      - A change that the cloud refuses because the resource is busy does not count as a retry. The module waits for the resource instead.
      - V(0) disables retries.
      - Taken from the environment variable E(HW_MAX_RETRIES) if not set.
    type: int
    default: 5
notes:
  - There are five ways to authenticate.
    With an access key, using O(access_key), O(secret_key) and, if the key is temporary, O(security_token).
    With a token, using O(auth_token).
    With a user, using O(user_name), O(password) and O(domain_name).
    With an identity provider, using O(idp_id) and O(id_token) or O(id_token_file).
    With the agency of an ECS server, using O(ecs_agency).
    In addition, O(credentials_file) can name a file with an access key or an identity provider,
    and O(agency_name) can assume an agency with any of these credentials.
  - Credentials in the task or in C(module_defaults) take precedence over credentials that come entirely from the environment.
    Values that they do not include are taken from the environment.
    If the environment contains complete credentials of several kinds, the first in the order above is used.
    Setting credentials of two kinds in one task, including its defaults, is an error.
    To override the kind that C(module_defaults) sets, set its options to an empty string in the task.
  - Temporary keys that the module requests are renewed before they expire, however long the task takes.
  - Environment variables are read on the host that runs the module or plugin. This includes proxy settings such as E(HTTPS_PROXY).
  - Proxies are never used for loopback addresses.
  - Options that are null or an empty string are treated as not set.
  - Redirects are never followed. Tokens and keys that the module requests are used for this task only and are never stored.
"""
