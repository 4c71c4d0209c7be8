// SPDX-License-Identifier: Apache-2.0
/**
 * The Linux user-space ABI: constants and structure layouts under the names of the uapi headers.
 *
 * <p>Structures are written and read at explicit offsets; padding is written as zero, so that
 * nothing of the Sentry's memory reaches a guest.
 */
@NullMarked
package dev.jvisor.platform.abi;

import org.jspecify.annotations.NullMarked;
