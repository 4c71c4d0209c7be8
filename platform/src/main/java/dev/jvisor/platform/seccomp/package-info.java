// SPDX-License-Identifier: Apache-2.0
/** Classic BPF programs for seccomp(2). */
@NullMarked
package dev.jvisor.platform.seccomp;

import org.jspecify.annotations.NullMarked;
