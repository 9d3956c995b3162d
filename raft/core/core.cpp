// SPDX-License-Identifier: Apache-2.0
#include "raft/core/core.hpp"
