// SPDX-License-Identifier: Apache-2.0
/** Tasks, thread groups, process groups, sessions: clone, exec, exit, wait, blocking. */
@NullMarked
package dev.jvisor.kernel.task;

import org.jspecify.annotations.NullMarked;
