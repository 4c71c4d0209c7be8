// SPDX-License-Identifier: Apache-2.0
/** What the handler families share: decoding of arguments, transfers that may wait. */
@NullMarked
package dev.jvisor.syscalls.handlers;

import org.jspecify.annotations.NullMarked;
