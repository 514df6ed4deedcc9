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
      - Needed unless O(endpoint) is given, and O(auth_url) too where the identity service (IAM) is asked.
      - Taken from the environment variable E(HW_REGION_NAME) if left out.
    type: str
  cloud:
    description:
      - The domain of the cloud. It is part of the default of O(endpoint) and O(auth_url).
      - V(myhuaweicloud.eu) if left out and O(region) begins with V(eu-west-1), otherwise V(myhuaweicloud.com).
      - Taken from the environment variable E(HW_CLOUD) if left out.
    type: str
  endpoint:
    description:
      - Base URL of the VPN service.
      - C(https://vpn.{region}.{cloud}) if left out, with the values of O(region) and O(cloud).
      - Must begin with C(https://). Plain C(http://) is refused unless the host is a loopback address.
      - Taken from the environment variable E(HW_VPN_ENDPOINT) if left out.
    type: str
  auth_url:
    description:
      - Base URL of the identity service (IAM).
      - C(https://iam.{region}.{cloud}) if left out, with the values of O(region) and O(cloud).
      - IAM is asked for a token when O(password) is used, and for the project when O(project_id) is not given.
      - Must begin with C(https://). Plain C(http://) is refused unless the host is a loopback address.
      - Taken from the environment variable E(HW_AUTH_URL) if left out.
    type: str
  project_id:
    description:
      - ID of the project.
      - If left out, IAM is asked for the ID of O(project_name). Giving the ID saves that request.
      - Taken from the environment variables E(HW_PROJECT_ID), then E(HUAWEICLOUD_SDK_PROJECT_ID), if left out.
    type: str
  project_name:
    description:
      - Name of the project, to find its ID by. Not used when O(project_id) is given.
      - The name of O(region) if left out.
      - Taken from the environment variable E(HW_PROJECT_NAME) if left out.
    type: str
  access_key:
    description:
      - The access key (AK). It goes with O(secret_key).
      - Taken from the environment variables E(HW_ACCESS_KEY), then E(HUAWEICLOUD_SDK_AK), if left out.
    type: str
  secret_key:
    description:
      - The secret key (SK) of O(access_key).
      - Taken from the environment variables E(HW_SECRET_KEY), then E(HUAWEICLOUD_SDK_SK), if left out.
    type: str
  security_token:
    description:
      - The security token of a temporary O(access_key).
      - Counts only together with an access key of the same source, so that a stray token does not spoil a permanent key.
      - Taken from the environment variable E(HW_SECURITY_TOKEN) if E(HW_ACCESS_KEY) is used,
        and from E(HUAWEICLOUD_SDK_SECURITY_TOKEN) if E(HUAWEICLOUD_SDK_AK) is used.
    type: str
  auth_token:
    description:
      - An IAM token that is valid for the project.
      - Taken from the environment variable E(HW_AUTH_TOKEN) if left out.
    type: str
  user_name:
    description:
      - Name of an IAM user. It goes with O(password) and O(domain_name).
      - Taken from the environment variable E(HW_USER_NAME) if left out.
    type: str
  password:
    description:
      - Password of O(user_name).
      - Taken from the environment variable E(HW_USER_PASSWORD) if left out.
    type: str
  domain_name:
    description:
      - Name of the account (domain) that O(user_name) belongs to.
      - Taken from the environment variable E(HW_DOMAIN_NAME) if left out.
    type: str
  validate_certs:
    description:
      - Whether the TLS certificates of the cloud are verified.
      - Set it to V(false) only for a test server whose certificate cannot be verified.
    type: bool
    default: true
  ca_path:
    description:
      - File or folder with the CA certificates that the cloud's certificates are verified with.
      - If left out, those of the environment variable E(REQUESTS_CA_BUNDLE) or of the Python library requests are used.
      - Not used with O(validate_certs=false).
    type: path
  request_timeout:
    description:
      - How many seconds a request may take to connect, and then to be answered completely. At least 1.
    type: int
    default: 30
  max_retries:
    description:
      - How often a request is repeated at the most, after a pause that grows.
      - A request is repeated when it certainly did not reach the cloud, or was throttled.
        One that only reads is repeated also when its answer was lost or the cloud failed.
      - A change the cloud refuses because the resource is busy does not count here. It is waited out.
      - V(0) turns repetitions off.
      - Taken from the environment variable E(HW_MAX_RETRIES) if left out.
    type: int
    default: 5
notes:
  - There are three ways to authenticate.
    An access key, with O(access_key), O(secret_key) and, if the key is temporary, O(security_token).
    A token, with O(auth_token).
    A user, with O(user_name), O(password) and O(domain_name).
  - A way that the task or C(module_defaults) names wins over one that comes wholly from the environment.
    What it lacks is taken from the environment.
    If the environment holds several complete ways, the first in the order above counts.
    Two ways among the arguments of one task, defaults included, are an error.
    To use another way than C(module_defaults) gives, set the options of that one to an empty string in the task.
  - The environment variables are those of the host that runs the module or plugin. This also holds for proxies, for example in E(HTTPS_PROXY).
  - A loopback address is never reached through a proxy.
  - Options that are null or an empty string count as left out.
  - Redirects are never followed. A token that the module fetches lives as long as the task and is never stored.
"""
