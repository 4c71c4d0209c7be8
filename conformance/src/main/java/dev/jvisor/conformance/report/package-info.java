// SPDX-License-Identifier: Apache-2.0
/**
 * The command: {@link dev.jvisor.conformance.report.Main} generates programs for as long as asked,
 * {@link dev.jvisor.conformance.report.Comparison} runs each on Linux and in the sandbox and makes
 * those that differ small, {@link dev.jvisor.conformance.report.Summary} counts.
 */
@NullMarked
package dev.jvisor.conformance.report;

import org.jspecify.annotations.NullMarked;
