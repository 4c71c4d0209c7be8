// SPDX-License-Identifier: Apache-2.0
/** The benchmark command: guest workloads, runners, statistics. */
@NullMarked
package dev.jvisor.runsc.bench;

import org.jspecify.annotations.NullMarked;
