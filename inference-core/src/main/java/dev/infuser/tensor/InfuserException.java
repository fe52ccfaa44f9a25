package dev.infuser.tensor;

/**
 * An error of Infuser: what is wrong, where, and what to do about it.
 *
 * <p>{@link #code()} is stable and made for programs, {@link #getMessage()} is one line made for people.
 */
public abstract sealed class InfuserException extends RuntimeException
        permits InvalidModelException, UnsupportedModelException, InvalidInputException, ResourceException {

    private static final long serialVersionUID = 1L;

    private final String code;
    private final String node;
    private final String detail;
    private final String hint;

    InfuserException(String code, String node, String message, String detail, String hint) {
        super(message);
        this.code = code;
        this.node = node;
        this.detail = detail;
        this.hint = hint;
    }

    /** A stable name such as {@code truncated-file}. */
    public final String code() {
        return code;
    }

    /** The node, input or section at fault, or "" when the error concerns the whole. */
    public final String node() {
        return node;
    }

    /** What was expected and what was found, or "". */
    public final String detail() {
        return detail;
    }

    /** What the reader can do about it, or "". */
    public final String hint() {
        return hint;
    }

    /** This error attributed to {@code place} unless it already names one. */
    public abstract InfuserException at(String place);
}
