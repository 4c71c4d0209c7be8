// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.discovery;

/**
 * Something wrong with an annotated method or with a place to look for some. The method is left
 * out.
 *
 * @param source class and method, or path
 * @param message what is wrong, for a person
 */
public record DiscoveryIssue(Kind kind, String source, String message) {

    /** Kinds of issues. */
    public enum Kind {
        /** Two methods serve the same number. */
        DUPLICATE_NUMBER,
        /** The number is Linux's for another name, or Linux knows neither. */
        NAME_MISMATCH,
        /** The number is outside of the table. */
        NUMBER_OUT_OF_RANGE,
        /** The method is an instance method. */
        NOT_STATIC,
        /** The generated code in the same package cannot call a private method. */
        PRIVATE_METHOD,
        /** The first parameter is not the task. */
        NO_TASK,
        /** A parameter is neither int nor long. */
        UNBINDABLE_PARAMETER,
        /** More than six arguments. */
        TOO_MANY_PARAMETERS,
        /** The result is neither int nor long. */
        UNBINDABLE_RESULT,
        /** PARTIAL, but nothing says what is missing; or FULL with a note. */
        NOTE_MISMATCH,
        /** A method is annotated, its class is not. */
        CLASS_NOT_MARKED,
        /** A path cannot be read, or a class cannot be bound. */
        UNUSABLE
    }

    /** One line. */
    public String line() {
        return source + ": " + message;
    }
}
