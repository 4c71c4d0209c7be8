// SPDX-License-Identifier: Apache-2.0
/** Memory that Sentry and guests share: the memory file. */
@NullMarked
package dev.jvisor.platform.memory;

import org.jspecify.annotations.NullMarked;
